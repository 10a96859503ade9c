import { answering, type Subject } from "../stub-servers.ts";

export const subject: Subject = {
  config: (port) => ({ url: `http://127.0.0.1:${port}`, signals: { failed: "f", value: "v" } }),
  healthy: () =>
    answering('{"status":"success","data":{"resultType":"scalar","result":[1661140279,"7"]}}'),
};
