import { rules as ofDatabase } from "../database-down/diagnosis.ts";
import type { Rule } from "../vocabulary.ts";

/** A store that is loading, full or out of connections is told apart by the same words as a database. */
export const rules: readonly Rule[] = ofDatabase;
