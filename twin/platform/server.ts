import Fastify, { type FastifyInstance } from "fastify";
import { addSlack } from "../slack/slack.ts";
import { addGraphql } from "./graphql-endpoint.ts";
import type { Budget } from "./limits.ts";
import type { Platform } from "./platform.ts";
import { addPushRoutes } from "./push-routes.ts";
import { addStatusFeed } from "./status-feed.ts";
import { addTwinRoutes } from "./twin-routes.ts";

/** The one HTTP server of the platform: GraphQL, status feed, Slack double, and the twin's own endpoints. */
export function buildServer(platform: Platform, budget: Budget): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true, bodyLimit: 1_048_576 });
  addGraphql(app, platform, budget);
  addStatusFeed(app, platform);
  addSlack(app, platform);
  addTwinRoutes(app, platform);
  addPushRoutes(app, platform);
  return app;
}
