/**
 * The catalogue of operating failures. A code is a contract: it stands in the journal, in metrics, in
 * `--json` output and in docs/reference/problems.md (a test compares). Texts may change, codes may not.
 */
export const PROBLEMS = {
  // How a look at the database or the app failed.
  "connection-refused": "the address answered that nothing listens there",
  "connection-reset": "the connection was cut while it was in use",
  timeout: "no answer within the deadline",
  "database-recovering":
    "the database is starting or recovering and asks for patience (57P03, LOADING)",
  "connections-exhausted":
    "the database is up and has no connection left (53300, max number of clients)",
  "master-down": "the replica has lost its master and serves nobody (MASTERDOWN)",
  "script-running": "Redis is busy with a script and answers nobody else (BUSY)",
  "writes-refused": "it answers and refuses to write (MISCONF, READONLY)",
  "memory-exhausted": "it is up and its memory is used up (OOM)",
  "authentication-failed": "the credentials were refused",
  "tls-failed": "the encrypted connection could not be made",
  "dns-failed": "the name could not be resolved",
  "certificate-ending": "the certificate ends within the days that the configuration names",
  "unexpected-status": "the HTTP status is not the expected one",
  "unexpected-body": "the body does not fulfil the condition",
  "body-too-large": "the body is larger than the probe reads",
  "refused-by-switch": "the app refused because one of its emergency switches is on",
  "target-asleep": "the target sleeps, which is healthy, and a look would wake it",
  "platform-says-down": "Railway shows the deployment, or every instance of it, as not running",
  "no-sample": "the platform has no sample of this young enough to be judged",
  "own-network":
    "nothing on the public network answers us, so our own is in doubt and not the target",
  "probe-failed": "the look failed for a reason of its own",
  // How it stands with something that must call in.
  "call-awaited": "the call that must come in is awaited and not yet late",
  "call-overdue": "the call that must come in is late",
  "call-failed": "what called in said itself that it failed",
  "never-called": "nothing has ever called in",
  // How metrics could not be read.
  "metrics-malformed": "the page is not what the Prometheus text format allows",
  "metrics-absent": "the page does not show what is to be judged",
  "counters-anew": "counters began anew, so that there is nothing yet to compare with",
  "counters-mixed": "several processes answer at one address and cannot be told apart",
  "query-refused": "Prometheus did not carry out the query",
  "query-unclear": "the query has no single number as its answer",
  "no-samples": "the query found nothing",
  "stale-answer": "the answer is older than a judgement allows",
  // What Railway's API answered.
  "railway-not-authorized": "the token may not do this, or the object does not exist for it",
  "railway-bad-token": "Railway does not know this token",
  "railway-rate-limited": "Railway's request budget is used up",
  "railway-budget":
    "Signalman keeps the rest of the hourly request budget for acts and their read-back",
  "railway-refused": "Railway refused the operation",
  "railway-schema": "Railway does not know this operation or field any more",
  "railway-unreadable": "the answer was no GraphQL answer",
  "railway-unreachable": "Railway's API did not answer",
  "railway-no-service": "no service of this name or id in the environment",
  // Why an act was withheld.
  "mode-shadow": "the mode is shadow: recorded, not carried out",
  "mode-suggest": "the mode is suggest: a person must do or approve it",
  paused: "Signalman is paused",
  "stale-input": "no fresh verdict of its own since the start or within the last samples",
  "signal-recovered": "the signal is healthy again",
  "budget-incident": "the budget of this action for this incident is used up",
  "budget-hour": "the budget of this action for this hour is used up",
  "budget-service": "the budget of acts on this service for this hour is used up",
  "budget-overall": "the budget of acts for this hour is used up",
  "cooling-down": "acts on this target came close together: the next one waits",
  futile: "this action did not help on this incident, so it is not repeated",
  "futile-before": "this action did not help on the last incidents of this kind on this target",
  "taken-over": "a person took this incident over, and may still be at it",
  protected: "the target is protected: destructive acts only by approval",
  "outside-hours": "outside of the hours in which destructive acts may start without a person",
  "tier-busy": "an act on another target of the same tier is not judged yet",
  storm: "many targets began to fail at once, which looks like something common",
  "books-outside-volume":
    "the books are not on a volume: the next deployment forgets what was done",
  "books-empty": "the books are new: what was done before them is not known",
  "process-too-young": "the process has only just started",
  "target-busy": "another act on this target is in flight",
  "deployment-in-flight": "a deployment of this target is in flight",
  "somebody-acting": "somebody else has changed the service at Railway since it began to fail",
  "platform-incident": "Railway reports trouble of its own",
  "platform-unknown": "neither Railway's API nor its status page says whether the platform is well",
  "volume-busy": "the volume is migrating, restoring, full or in error",
  "nothing-deployed": "no live deployment to act on",
  "no-rollback-target": "no earlier release that served, differs, and whose image is kept",
  "migration-between": "a release since then migrates the database: older code may not fit it",
  "migration-unknown": "whether a release since then migrated the database cannot be known",
  "nothing-in-flight": "no deployment is under way that could be cancelled",
  "replicas-capped": "there are as many replicas as the runbook or the plan allows",
  "replicas-unknown": "Railway does not say how many replicas run where",
  "volume-forbids-replicas": "a service with a volume cannot have replicas",
  "autodeploy-locked": "deploys on push could not be turned on again, so they are not turned off",
  "switch-needs-approval":
    "this way to the switch takes a deployment and does not end by itself: a person must approve it",
  "variable-unexpected": "the variable is not what its switch expects, so it is left alone",
  "still-stands": "it was looked at again and is as it was left",
  "own-service": "the target is Signalman itself",
  "network-in-doubt":
    "only our own looks say it hangs and nothing else answers us either: the fault may be our own network",
  "hearsay-only": "only somebody outside says so; no look of our own shows it",
  "upstream-in-doubt": "something this target needs is failing or not yet judged",
  "store-failed": "the journal cannot be written",
  // How an attempt ended.
  "state-left": "the incident has left the state that asked for it",
  "approval-expired": "nobody approved in time",
  "approval-refused": "a person refused it",
  "evidence-withheld": "the platform does not show whether it happened",
  "no-evidence": "nothing changed within the settle time",
  "platform-failed": "Railway accepted it, and says that it came to nothing",
  "crashed-before-answer": "Signalman ended before the answer was stored",
  "switch-refused": "the app refused the switch",
  "switch-unreachable": "the app's switch endpoint did not answer",
  "not-configured": "the configuration names nothing that could do this",
  // How a message failed.
  "slack-rate-limited": "Slack asks to wait",
  "slack-refused": "Slack refused the message",
  "slack-unreachable": "Slack did not answer",
  // Programmer errors that reached an incident.
  "machine-failed": "the incident's machine could not go on",
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** An operating failure as a value. `detail` is for people and may hold text of strangers: escape it. */
export interface Problem {
  readonly code: ProblemCode;
  readonly detail: string;
  /** When it is worth asking again, where the other side said so. */
  readonly retryAt?: number;
}

export function problem(code: ProblemCode, detail?: string, retryAt?: number): Problem {
  return { code, detail: detail ?? PROBLEMS[code], ...(retryAt === undefined ? {} : { retryAt }) };
}
