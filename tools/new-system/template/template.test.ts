/** The template itself is a system that passes; a copy of it starts from there. */
import { contractSuite } from '@assay/contract/testing';
import system from './index.ts';

contractSuite(system);
