import { oneValue, postgresLike, tcpServer, type Subject } from "../stub-servers.ts";

export const subject: Subject = {
  config: (port) => ({ url: `postgres://u:p@127.0.0.1:${port}/d` }),
  healthy: () => tcpServer(postgresLike(() => oneValue("1661140279000"))),
};
