import { answering, type Subject } from "../stub-servers.ts";

export const subject: Subject = {
  config: (port) => ({ url: `http://127.0.0.1:${port}/metrics` }),
  healthy: () => answering('http_requests_total{status="200"} 1\nprocess_cpu_seconds_total 1\n'),
  compares: true,
};
