// A made-up product, on embedded storage.
import { startEmbedded } from '../support/in-process.ts';
import { sixthProduct } from './sixth-product.ts';

sixthProduct('embedded', startEmbedded);
