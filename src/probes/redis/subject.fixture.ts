import { redisLike, tcpServer, type Subject } from "../stub-servers.ts";

export const subject: Subject = {
  config: (port) => ({ url: `redis://:p@127.0.0.1:${port}` }),
  healthy: () => tcpServer(redisLike()),
};
