import { answering, type Subject } from "../stub-servers.ts";

export const subject: Subject = {
  config: (port) => ({ url: `http://127.0.0.1:${port}/` }),
  healthy: () => answering("{}"),
};
