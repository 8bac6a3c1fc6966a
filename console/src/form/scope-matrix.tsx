// A level for each resource, as a table of radio buttons under the headings of its groups; a higher level includes those
// below it.
import { Fragment, useId } from 'react';
import { Button } from '../components/button.tsx';
import { VisuallyHidden } from '../components/visually-hidden.tsx';
import { texts } from '../texts/texts.ts';
import styles from './form.module.css';
import { grouped, levelOf, withLevel, type Permissions } from './scopes.ts';

const words = texts.form;

export interface ScopeMatrixProps {
  readonly matrix: NonNullable<Permissions['matrix']>;
  readonly label: string;
  readonly value: readonly string[];
  readonly onChange: (value: string[]) => void;
}

export function ScopeMatrix({ matrix, label, value, onChange }: ScopeMatrixProps) {
  const name = useId();
  const levels = [{ id: '', label: matrix.none, description: matrix.noneDescription }, ...matrix.levels];
  const all = matrix.resources.map(({ id }) => id);
  return (
    <>
      <ul className={styles.legend}>
        {levels.map(({ id, label: level, description }, at) => (
          <li key={id}>
            <strong>{level}</strong> {description} {at > 1 && words.includes(levels[at - 1]?.label ?? '')}
          </li>
        ))}
      </ul>
      <table className={styles.matrix} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">
              <VisuallyHidden>{words.resource}</VisuallyHidden>
            </th>
            {levels.map((level) => (
              <th key={level.id} scope="col">
                <Button
                  kind="quiet"
                  aria-label={words.setAll(level.label)}
                  onClick={() => onChange(withLevel(matrix, value, all, level.id))}
                >
                  {level.label}
                </Button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {grouped(matrix.resources).map(([group, resources]) => (
            <Fragment key={group ?? ''}>
              {group !== null && (
                <tr>
                  <th colSpan={levels.length + 1} scope="colgroup" className={styles.matrixGroup}>
                    {group}
                  </th>
                </tr>
              )}
              {resources.map(({ id, label: resource, description }) => (
                <tr key={id}>
                  <th scope="row" title={description ?? undefined}>
                    {resource}
                  </th>
                  {levels.map((level) => (
                    <td key={level.id}>
                      <label className={styles.cell}>
                        <input
                          type="radio"
                          name={`${name}-${id}`}
                          aria-label={words.levelOf(resource, level.label)}
                          checked={levelOf(matrix, value, id) === level.id}
                          onChange={() => onChange(withLevel(matrix, value, [id], level.id))}
                        />
                      </label>
                    </td>
                  ))}
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </>
  );
}
