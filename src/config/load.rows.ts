/** Wrong configurations for load.test.ts, each with exactly its faults. */

const API = "version: 1\ntargets:\n  - name: api\n    url: http://127.0.0.1:1\n";
const PROBES = "    probes: [{ kind: http, path: / }]\n";
export const VALID = `${API}${PROBES}`;
const SERVED = `${API}    service: web\n${PROBES}`;
const VARIABLE = "{ kind: variable, target: api, name: X }";
export const DRIVERS =
  "drivers: [{ kind: control, url: http://127.0.0.1:1, secret: { env: SWITCH_SECRET } }]";
export const TWO = (first: string, second: string): string =>
  `version: 1\ntargets:\n  - { name: a, url: http://127.0.0.1:1, ${first} }\n  - { name: b, url: http://127.0.0.1:1, ${second} }\n`;
export const LOOK = "probes: [{ kind: http, path: / }]";

/** What is written, and exactly the faults it has. Lines are counted from `version: 1`. */
export const ROWS: readonly (readonly [name: string, text: string, faults: readonly string[]])[] = [
  ["an empty file", "", ["0:0 file-empty"]],
  ["only a comment", "# nothing\n", ["0:0 file-empty"]],
  ["no group of keys", "- version: 1\n", ["1:1 wrong-type"]],
  ["an open bracket", "version: 1\ntargets: [\n", ["3:1 yaml-syntax"]],
  ["an open quote", `${VALID}modes: { default: "auto }\n`, ["7:1 yaml-syntax", "7:1 yaml-syntax"]],
  ["a tab", "version: 1\ntargets:\n\t- name: a\n", ["3:1 yaml-syntax"]],
  ["two documents", `${VALID}---\nversion: 1\n`, ["6:1 yaml-syntax"]],
  ["a tag", `${VALID}slack: !secret x\n`, ["6:8 yaml-syntax"]],
  ["an alias of nothing", `${VALID}slack: *nothing\n`, ["0:0 yaml-syntax"]],
  ["a key twice", `${VALID}modes: {}\nmodes: {}\n`, ["7:1 yaml-duplicate-key"]],
  [
    "keys twice in two places",
    "version: 1\nversion: 1\ntargets: 1\ntargets: 2\n",
    ["2:1 yaml-duplicate-key", "4:1 yaml-duplicate-key", "4:10 wrong-type targets"],
  ],
  ["a key of prototypes", `${VALID}__proto__: {}\n`, ["6:1 unknown-key"]],
  ["nothing needed", "modes: {}\n", ["1:1 missing version", "1:1 missing targets"]],
  ["another version", VALID.replace("1", "2"), ["1:10 version version"]],
  ["a version as text", VALID.replace("1", '"1"'), ["1:10 version version"]],
  ["no targets", "version: 1\ntargets: []\n", ["2:10 wrong-value targets"]],
  ["an unknown key", `${VALID}switchs: {}\n`, ["6:1 unknown-key switchs"]],
  [
    "an unknown key of a target",
    `${API}    nedes: []\n${PROBES}`,
    ["5:5 unknown-key targets[0].nedes"],
  ],
  [
    "an unknown key of a probe",
    `${API}    probes: [{ kind: http, path: /, evry: 1s }]\n`,
    ["5:37 unknown-key targets[0].probes[0].evry"],
  ],
  [
    "an unknown key of a kind's part",
    `${API}    probes: [{ kind: http, path: /, expect: { jsn: {} } }]\n`,
    ["5:47 unknown-key targets[0].probes[0].expect.jsn"],
  ],
  [
    "a key of another kind",
    `${API}    probes: [{ kind: http, path: /, pooled: true }]\n`,
    ["5:37 unknown-key targets[0].probes[0].pooled"],
  ],
  [
    "one place alone",
    `${VALID}network: { places: ["one.example.com:443"] }\n`,
    ["6:20 wrong-value network.places"],
  ],
  [
    "places on one host",
    `${VALID}network: { places: ["one.example.com:443", "https://one.example.com"] }\n`,
    ["6:20 wrong-value network.places"],
  ],
  [
    "places that are none",
    `${VALID}network: { places: ["one.example.com", "ftp://two.example.com:21", "three:0"] }\n`,
    [
      "6:21 wrong-value network.places[0]",
      "6:40 wrong-value network.places[1]",
      "6:68 wrong-value network.places[2]",
    ],
  ],
  ["a name with capitals", VALID.replace("api", "Api"), ["3:11 wrong-value targets[0].name"]],
  [
    "a group for a text",
    VALID.replace("name: api", "name: { env: NAME }"),
    ["3:11 wrong-type targets[0].name"],
  ],
  [
    "a number for a length",
    `${API}    probes: [{ kind: http, path: /, every: 10 }]\n`,
    ["5:44 wrong-type targets[0].probes[0].every"],
  ],
  [
    "a length that is none",
    `${API}    probes: [{ kind: http, path: /, every: 10x }]\n`,
    ["5:44 wrong-value targets[0].probes[0].every"],
  ],
  [
    "a dead man's address for all to read, called too often",
    `${VALID}deadman: { url: https://hc-ping.com/1, every: 1s }\n`,
    ["6:17 secret-literal deadman.url", "6:47 wrong-value deadman.every"],
  ],
  ["hours that are none", `${VALID}hours: 07:00-07:00\n`, ["6:8 wrong-value hours"]],
  [
    "a storm of one, and of a whole day",
    `${VALID}budgets: { storm: { targets: 1, within: 24h } }\n`,
    ["6:30 wrong-value budgets.storm.targets", "6:41 wrong-value budgets.storm.within"],
  ],
  [
    "a memory of nothing",
    `${VALID}budgets: { futility: { incidents: 0, within: 90 } }\n`,
    ["6:35 wrong-value budgets.futility.incidents", "6:46 wrong-type budgets.futility.within"],
  ],
  [
    "a target protected by a word, in a tier without a name",
    VALID.replace("    url", "    protected: please\n    tier: Data\n    url"),
    ["4:16 wrong-type targets[0].protected", "5:11 wrong-value targets[0].tier"],
  ],
  [
    "too often",
    `${API}    probes: [{ kind: http, path: /, every: 100ms }]\n`,
    ["5:44 wrong-value targets[0].probes[0].every"],
  ],
  [
    "too patient",
    `${API}    probes: [{ kind: http, path: /, timeout: 31s }]\n`,
    ["5:46 wrong-value targets[0].probes[0].timeout"],
  ],
  [
    "retry after every",
    `${API}    probes: [{ kind: http, path: /, every: 1s, retryEvery: 2s }]\n`,
    ["5:60 retry-too-long targets[0].probes[0].retryEvery"],
  ],
  [
    "an unknown kind of probe",
    `${API}    probes: [{ kind: telepathy, path: / }]\n`,
    ["5:22 unknown-kind targets[0].probes[0].kind"],
  ],
  [
    "no kind of probe",
    `${API}    probes: [{ path: / }]\n`,
    ["5:14 missing targets[0].probes[0].kind"],
  ],
  [
    "neither url nor path",
    `${API}    probes: [{ kind: http, evry: 1s }]\n`,
    ["5:14 wrong-value targets[0].probes[0]", "5:28 unknown-key targets[0].probes[0].evry"],
  ],
  [
    "url and path",
    `${API}    probes: [{ kind: http, url: http://x, path: / }]\n`,
    ["5:14 wrong-value targets[0].probes[0]"],
  ],
  [
    "a path without base",
    VALID.replace("    url: http://127.0.0.1:1\n", ""),
    ["4:34 target-without-url targets[0].probes[0].path"],
  ],
  [
    "metrics without url or path, and a metric that is none",
    `${API}    probes: [{ kind: prometheus, metrics: { requests: a b } }]\n`,
    [
      "5:14 wrong-value targets[0].probes[0]",
      "5:55 wrong-value targets[0].probes[0].metrics.requests",
    ],
  ],
  [
    "metrics at a path without base",
    VALID.replace("    url: http://127.0.0.1:1\n", "").replace("http,", "prometheus,"),
    ["4:40 target-without-url targets[0].probes[0].path"],
  ],
  [
    "a query for no signal",
    `${API}    probes: [{ kind: promql, url: http://x, signals: { value: v, latency: a } }]\n`,
    ["5:66 unknown-key targets[0].probes[0].signals.latency"],
  ],
  [
    "no query",
    `${API}    probes: [{ kind: promql, url: http://x, signals: {} }]\n`,
    ["5:54 wrong-value targets[0].probes[0].signals"],
  ],
  [
    "a status that is none",
    `${API}    probes: [{ kind: http, path: /, expect: { status: ok } }]\n`,
    ["5:55 wrong-type targets[0].probes[0].expect.status"],
  ],
  ["no probes", API, ["3:5 target-without-probes targets[0]"]],
  ["an empty list of probes", `${API}    probes: []\n`, ["3:5 target-without-probes targets[0]"]],
  [
    "one name twice",
    TWO(LOOK, LOOK).replace("b,", "a,"),
    ["4:13 target-duplicate targets[1].name"],
  ],
  [
    "a need of nothing",
    TWO(`needs: [c], ${LOOK}`, LOOK),
    ["3:49 needs-unknown targets[0].needs[0]"],
  ],
  ["a need of itself", TWO(`needs: [a], ${LOOK}`, LOOK), ["3:49 needs-self targets[0].needs[0]"]],
  [
    "a circle, told once",
    TWO(`needs: [b], ${LOOK}`, `needs: [a], ${LOOK}`),
    ["3:49 needs-cycle targets[0].needs[0]"],
  ],
  [
    "Signalman itself",
    VALID.replace("    url", "    service: Signalman\n    url"),
    ["4:14 own-service targets[0].service"],
  ],
  [
    "its own address, of a target and of a probe",
    VALID.replace("http://127.0.0.1:1", "https://Signalman.up.railway.app").replace(
      "path: /",
      "url: https://signalman.up.railway.app/healthz",
    ),
    ["4:10 own-service targets[0].url", "5:33 own-service targets[0].probes[0].url"],
  ],
  [
    "a target called as a mode's scope",
    VALID.replace("api", "restart"),
    ["3:11 name-taken targets[0].name"],
  ],
  [
    "a switch called as a target",
    `${VALID}switches:\n  api: { ${DRIVERS} }\n`,
    ["7:3 name-taken switches.api"],
  ],
  [
    "a switch with a strange name",
    `${VALID}switches:\n  read_only: { ${DRIVERS} }\n`,
    ["7:3 wrong-value switches.read_only"],
  ],
  [
    "a switch without drivers",
    `${VALID}switches:\n  off: { drivers: [] }\n`,
    ["7:19 wrong-value switches.off.drivers"],
  ],
  [
    "an unknown driver",
    `${VALID}switches:\n  off: { drivers: [{ kind: pigeon }] }\n`,
    ["7:28 unknown-kind switches.off.drivers[0].kind"],
  ],
  [
    "a switch of nobody",
    `${VALID}switches:\n  off: { targets: [apy], ${DRIVERS} }\n`,
    ["7:20 switch-target-unknown switches.off.targets[0]"],
  ],
  [
    "a variable of nobody's service",
    `${VALID}switches:\n  off: { drivers: [{ kind: variable, target: apy, name: X }] }\n`,
    ["7:46 switch-target-unknown switches.off.drivers[0].target"],
  ],
  [
    "a variable of a target without a service",
    `${VALID}switches:\n  off: { drivers: [{ kind: variable, target: api, name: X }] }\n`,
    ["7:46 variable-without-service switches.off.drivers[0].target"],
  ],
  [
    "a variable of Railway's own, and one that is off and on at once",
    `${SERVED}switches:\n  off: { drivers: [{ kind: variable, target: api, name: RAILWAY_X, off: "1" }] }\n`,
    [
      "8:57 wrong-value switches.off.drivers[0].name",
      "8:73 wrong-value switches.off.drivers[0].off",
    ],
  ],
  [
    "a reference instead of a value",
    `${SERVED}switches:\n  off: { drivers: [{ kind: variable, target: api, name: X, on: "\${{shared.X}}" }] }\n`,
    ["8:64 wrong-value switches.off.drivers[0].on"],
  ],
  [
    "two variables",
    `${SERVED}switches:\n  off: { drivers: [${VARIABLE}, ${VARIABLE}] }\n`,
    ["8:19 wrong-value switches.off.drivers"],
  ],
  [
    "a switch and nobody with a url",
    `${VALID.replace("    url: http://127.0.0.1:1\n", "").replace("path: /", "url: http://x")}switches:\n  off: { ${DRIVERS} }\n`,
    ["6:3 switch-without-targets switches.off"],
  ],
  [
    "a lease above an hour",
    `${VALID}switches:\n  off: { lease: 61m, ${DRIVERS} }\n`,
    ["7:17 lease-too-long switches.off.lease"],
  ],
  [
    "a renewal after the end",
    `${VALID}switches:\n  off: { lease: 1m, renew: 1m, ${DRIVERS} }\n`,
    ["7:28 renew-too-long switches.off.renew"],
  ],
  [
    "a lease shorter than the default renewal",
    `${VALID}switches:\n  off: { lease: 1m, ${DRIVERS} }\n`,
    ["7:17 renew-too-long switches.off.lease"],
  ],
  [
    "a short secret",
    `${VALID}switches:\n  off: { ${DRIVERS.replace("SWITCH_SECRET", "SHORT")} }\n`,
    ["7:70 wrong-value switches.off.drivers[0].secret"],
  ],
  ["an unknown scope", `${VALID}modes: { defalt: auto }\n`, ["6:10 mode-unknown modes.defalt"]],
  ["an unknown mode", `${VALID}modes: { default: Auto }\n`, ["6:19 wrong-value modes.default"]],
  [
    "a settle time before the deadline",
    `${VALID}actions: { restart: { deadline: 5s, settle: 4s } }\n`,
    ["6:45 settle-too-short actions.restart.settle"],
  ],
  [
    "a deadline after the default settle time",
    `${VALID}actions: { switch: { deadline: 20s } }\n`,
    ["6:32 settle-too-short actions.switch.deadline"],
  ],
  [
    "a budget below zero",
    `${VALID}budgets: { restart: { perHour: -1 } }\n`,
    ["6:32 wrong-value budgets.restart.perHour"],
  ],
  ["an unknown plan", `${VALID}railway: { plan: free-ish }\n`, ["6:18 wrong-value railway.plan"]],
  [
    "limits of no machine",
    `${VALID}limits: { database-dwn: {} }\n`,
    ["6:11 machine-unknown limits.database-dwn"],
  ],
  [
    "an unknown limit",
    `${VALID}limits: { unclassified: { soakMs: 1s } }\n`,
    ["6:27 limit-unknown limits.unclassified.soakMs"],
  ],
  [
    "signals to verify by of no machine, of no name, and of no count",
    `${VALID}verify: { database-dwn: {}, service-down: { upp: 3, up: 0 } }\n`,
    [
      "6:11 machine-unknown verify.database-dwn",
      "6:45 signal-unknown verify.service-down.upp",
      "6:57 wrong-value verify.service-down.up",
    ],
  ],
  [
    "signals to verify what no act ever follows",
    `${VALID}verify: { crash-loop: { up: 3 } }\n`,
    ["6:11 verify-unused verify.crash-loop"],
  ],
  [
    "a signal to verify by that nobody watches",
    `${VALID}verify: { service-down: { error-share: 3 } }\n`,
    ["6:27 signal-unwatched verify.service-down.error-share"],
  ],
  [
    "settings of no detector",
    VALID.replace("    probes:", "    detect: { burnrate: { minFailed: 1 } }\n    probes:"),
    ["5:15 detector-unknown targets[0].detect.burnrate"],
  ],
  [
    "an unknown setting and a wrong value of a detector",
    VALID.replace(
      "    probes:",
      "    detect: { error-share: { sustain: 1m, minShare: 2s } }\n    probes:",
    ),
    [
      "5:30 setting-unknown targets[0].detect.error-share.sustain",
      "5:53 wrong-value targets[0].detect.error-share.minShare",
    ],
  ],
  [
    "a count for a length",
    `${VALID}limits: { database-down: { soakMs: 3 } }\n`,
    ["6:36 wrong-value limits.database-down.soakMs"],
  ],
  [
    "a length for a count",
    `${VALID}limits: { database-down: { actsMax: 1s } }\n`,
    ["6:37 wrong-value limits.database-down.actsMax"],
  ],
  [
    "a variable that is not set",
    VALID.replace("http://127.0.0.1:1", "{ env: NOT_THERE }"),
    ["4:10 env-unset targets[0].url"],
  ],
  [
    "a variable that is empty",
    VALID.replace("http://127.0.0.1:1", "{ env: EMPTY }"),
    ["4:10 env-unset targets[0].url"],
  ],
  [
    "a look through Railway at what it does not run",
    VALID.replace("kind: http", "kind: railway").replace(/, path[^}]*/, ""),
    ["5:22 wrong-value targets[0].probes[0].kind"],
  ],
  [
    "a value that is no URL",
    VALID.replace("http://127.0.0.1:1", "{ env: SHORT }"),
    ["4:10 wrong-value targets[0].url"],
  ],
  [
    "a file that is not there",
    `${VALID}slack: { webhook: { file: nothing } }\n`,
    ["6:19 reference-unreadable slack.webhook"],
  ],
  [
    "a file without content",
    `${VALID}slack: { webhook: { file: blank } }\n`,
    ["6:19 reference-unreadable slack.webhook"],
  ],
  [
    "a reference to both",
    `${VALID}slack: { webhook: { file: a, env: B } }\n`,
    ["6:19 reference-malformed slack.webhook"],
  ],
  [
    "a secret as the name of a variable",
    `${VALID}slack: { webhook: { env: "https://hunter2" } }\n`,
    ["6:19 reference-malformed slack.webhook"],
  ],
  [
    "a webhook that stands openly",
    `${VALID}slack: { webhook: https://x/hunter2 }\n`,
    ["6:19 secret-literal slack.webhook"],
  ],
  [
    "a switch's secret that stands openly",
    `${VALID}switches:\n  off: { drivers: [{ kind: control, url: http://x, secret: hunter2 }] }\n`,
    ["7:60 secret-literal switches.off.drivers[0].secret"],
  ],
  [
    "a switch's token that stands openly",
    `${VALID}switches:\n  off: { drivers: [{ kind: polling, token: hunter2 }] }\n`,
    ["7:44 secret-literal switches.off.drivers[0].token"],
  ],
  [
    "a switch's Redis that stands openly",
    `${VALID}switches:\n  off: { drivers: [{ kind: redis, url: "redis://x" }] }\n`,
    ["7:40 secret-literal switches.off.drivers[0].url"],
  ],
  [
    "a switch's Redis that is a database",
    `${VALID}switches:\n  off: { drivers: [{ kind: redis, url: { env: MYSQL } }] }\n`,
    ["7:40 wrong-value switches.off.drivers[0].url"],
  ],
  [
    "a database that stands openly",
    `${API}    probes: [{ kind: postgres, url: "postgres://a:hunter2@b/c" }]\n`,
    ["5:37 secret-literal targets[0].probes[0].url"],
  ],
  [
    "a password within a URL",
    VALID.replace("//127", "//a:hunter2@127"),
    ["4:10 secret-literal targets[0].url"],
  ],
  [
    "a header that stands openly",
    `${API}    probes: [{ kind: http, path: /, headers: { Authorization: hunter2 } }]\n`,
    ["5:63 secret-literal targets[0].probes[0].headers.Authorization"],
  ],
  [
    "another database",
    `${API}    probes: [{ kind: postgres, url: { env: MYSQL } }]\n`,
    ["5:37 wrong-value targets[0].probes[0].url"],
  ],
  [
    "a header that cannot be sent",
    `${API}    probes: [{ kind: http, path: /, headers: { Authorization: { env: TWO_LINES } } }]\n`,
    ["5:63 wrong-value targets[0].probes[0].headers.Authorization"],
  ],
  [
    "a database without password that stands openly",
    `${API}    probes: [{ kind: postgres, url: "postgres://a@b/c" }]\n`,
    ["5:37 secret-literal targets[0].probes[0].url"],
  ],
];
