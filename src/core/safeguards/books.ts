import { problem, type Problem } from "../../domain/problem.ts";
import { type Case, isNewAct, type Safeguard } from "./case.ts";

/** P6: who does not know what was done before cannot keep to any budget, so a person decides, about switches too. */
export const books: Safeguard = {
  name: "books",
  momentary: false,
  asks: true,
  covers: isNewAct,
  objection: ({ draft }: Case): Problem | null => {
    const doubt = draft.world().marks.booksDoubt ?? null;
    if (doubt === null || (doubt.until !== null && draft.event.at >= doubt.until)) return null;
    return problem(doubt.code, doubt.detail);
  },
};
