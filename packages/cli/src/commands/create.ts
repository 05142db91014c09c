import { type Command, Option } from "commander";
import { ConfigError } from "../../../../src/model/error.ts";
import { realWork } from "../../../../src/runtime/real-work.ts";
import type { Cli, OutputFlags } from "../cli.ts";
import { connectorNames } from "../connectors.ts";
import { dashedName } from "../create/choices.ts";
import {
  type Answers,
  choicesOf,
  defaultAnswers,
  NAME_RULE,
  QUESTION_NAMES,
  QUESTIONS,
  type Question,
  venueNameOf,
} from "../create/questions.ts";
import type { Scaffold } from "../create/scaffold.ts";
import { EXIT_CODES } from "../errors.ts";
import { Output } from "../output.ts";
import { ownManifest, versionOfPackage } from "../own-package.ts";
import { withStopSignal } from "../stop-signal.ts";

type CreateFlags = OutputFlags &
  Partial<Answers> & {
    readonly yes?: boolean | undefined;
    readonly standalone?: boolean | undefined;
    readonly directory?: string | undefined;
    readonly status?: string | undefined;
  };

const REMARK = `
A name is ${NAME_RULE};
acme_pro becomes the connector acme_pro_perpetual in folders that are called acme-pro. What no flag says is asked for, one line of standard input an answer; an empty
one takes the default, and --yes takes every default without asking.

In a clone of the repository it writes
  src/venues/<name>/                    the files of a venue; each CHECK is a guess to confirm
  test/venues/<name>/fixtures.ts        payloads to paste; each paste(...) says what, from which page of the documentation
  test/venues/<name>/conformance.test.ts
  src/paper/protocols/<name>/           the start of the venue's protocol on the exchange in the box: its public side
  docs/venues/<name>.md
  rows in src/registry.ts and conf/conf_global_TEMPLATE.yml, and the tables of the documents (npm run docs)
and all of it compiles, lints and passes. With --standalone it writes a package that depends on perpwire instead, into
<name>/ or --directory. No file is ever overwritten: either everything is written or nothing.

Then
  perpwire create --status test/venues/<name>   what is to paste: each payload once, in the order of the checklist
  npm test -- test/venues/<name>                what passes, and which tests wait for what
  grep -rn CHECK src/venues/<name>              what is guessed

A signature is made over parts that are joined by --sign-separator: timestamp, key, window (how long it is valid), method, path,
query, target (path and query), body, body-sha256 and body-sha512 (the body's hash in hexadecimal digits). With --signature-in
query time and window are parameters. With --signature-algorithm own, auth.ts has the place for it and nothing is signed before.
Credentials that are no secret (userId, accountAddress, vaultAddress) are named in private subscriptions, a passphrase and a
sub-account in headers.
Continuity: previous-id messages name the id of the one before, contiguous ids count by one, with a checksum each message bears one
of the book after it (CRC-32, to be adapted in checksum.ts), snapshots are whole books, the newer one by id or by time;
-stream snapshots come on the stream, -rest ones over REST.
Stream: login, listen-key, fetched-address (a URL with a token that is asked for before each connection), signed-subscriptions (each
is signed by itself, without a login).

Examples:
  perpwire create acme
  perpwire create acme --yes --rest-url https://api.acme.com --ws-url wss://ws.acme.com
  perpwire create acme --yes --sign timestamp,key,window,query,body --continuity contiguous-stream --position-modes hedge
  perpwire create acme --yes --signature-in query --envelope bare --stream listen-key --continuity previous-id-rest
  perpwire create acme --yes --signature-algorithm hmac-sha512 --sign method,path,query,body-sha512,timestamp \\
    --sign-separator newline --sign-time seconds --credentials apiKey,apiSecret,userId --stream signed-subscriptions \\
    --sizes contracts --signed-sizes yes
  npx perpwire create acme --standalone
  perpwire create --status test/venues/acme`;

export function registerCreate(program: Command, cli: Cli): void {
  const command = program
    .command("create")
    .description("begin the connector of a venue: files that compile and pass, and a list of what to paste")
    .argument("[name]", "of the venue, for example acme");
  for (const name of QUESTION_NAMES) command.addOption(optionOf(QUESTIONS[name]));
  command
    .option("--yes", "take every default without asking")
    .option("--standalone", "a package of its own, outside the repository")
    .option("--directory <path>", "where --standalone writes, <name>/ by default")
    .option("--status <folder>", "what is still to be pasted there, in the checklist's order; writes nothing")
    .option("--json", "one JSON line with what was written, or with the status")
    .addHelpText("after", REMARK)
    .action(async (name: string | undefined, flags: CreateFlags) => {
      if (flags.status !== undefined) await printStatus(cli, flags, flags.status, name);
      else await withStopSignal(cli, (signal) => create(cli, flags, nameOf(name), signal));
    });
}

function nameOf(name: string | undefined): string {
  if (name !== undefined) return name;
  throw new ConfigError("a venue needs a name", { hint: "for example perpwire create acme" });
}

async function printStatus(cli: Cli, flags: CreateFlags, folder: string, name: string | undefined): Promise<void> {
  if (name !== undefined) throw new ConfigError("--status goes with a folder, not with a name");
  const { statusLines, statusOf } = await realWork(import("../create/status.ts"));
  const { files } = await cli.runtime();
  const status = await statusOf(files, cli.process.workingDirectory, folder);
  const output = new Output(cli, flags);
  output.json(status);
  for (const line of statusLines(status)) output.line(line);
}

/** `--domain` may be repeated. */
function optionOf({ flag, text, choices, default: byDefault }: Question): Option {
  const option = new Option(flag, `${text}; by default ${byDefault("<name>", {}) || "none"}`);
  if (choices !== undefined) option.choices(choices);
  if (flag.startsWith("--domain ")) {
    option.argParser((value: string, before: string | undefined) =>
      before === undefined ? value : `${before} ${value}`,
    );
  }
  return option;
}

async function create(cli: Cli, flags: CreateFlags, text: string, signal: AbortSignal): Promise<void> {
  const name = venueNameOf(text);
  const { directory, repository } = await targetOf(cli, flags, name);
  const { writeScaffold, repositoryScaffold, standaloneScaffold } = await realWork(import("../create/scaffold.ts"));
  const { files } = await cli.runtime();
  const planOf = async (answers: Answers): Promise<Scaffold> => {
    const choices = choicesOf(name, answers);
    if (repository !== undefined) return repositoryScaffold(files, repository, choices);
    return standaloneScaffold(files, directory, choices, versions(), connectorNames());
  };
  // A name that is taken is refused before anything is asked.
  await planOf(defaultAnswers(name));
  const scaffold = await planOf(await answersOf(cli, flags, name, signal));
  signal.throwIfAborted();
  await writeScaffold(files, scaffold);
  await report(cli, flags, name, scaffold, repository);
}

/** Directory to write to; asked for first. */
async function targetOf(cli: Cli, { standalone, directory }: CreateFlags, name: string) {
  const { workingDirectory } = cli.process;
  if (standalone === true) {
    const path = directory ?? name;
    return { directory: path.startsWith("/") ? path : `${workingDirectory}/${path}`, repository: undefined };
  }
  if (directory !== undefined) throw new ConfigError("--directory goes with --standalone");
  const { repositoryAround } = await realWork(import("../create/scaffold.ts"));
  const repository = await repositoryAround((await cli.runtime()).files, workingDirectory);
  if (repository !== undefined) return { directory: repository, repository };
  throw new ConfigError("this is no clone of perpwire", {
    hint: "run it in one, or make a package of its own with --standalone",
  });
}

async function answersOf(cli: Cli, flags: CreateFlags, name: string, signal: AbortSignal): Promise<Answers> {
  const answers: Partial<Record<keyof Answers, string>> = {};
  for (const question of QUESTION_NAMES) {
    const given = flags[question];
    if (given !== undefined) QUESTIONS[question].check(given);
    answers[question] = given ?? (await answer(cli, flags, QUESTIONS[question], { name, answers, signal }));
  }
  return answers as Answers;
}

interface Asking {
  readonly name: string;
  readonly answers: Partial<Answers>;
  readonly signal: AbortSignal;
}

async function answer(cli: Cli, { yes }: CreateFlags, question: Question, asking: Asking): Promise<string> {
  const byDefault = question.default(asking.name, asking.answers);
  if (yes === true) return byDefault;
  const choices = question.choices === undefined ? "" : ` (${question.choices.join(", ")})`;
  const prompt = `${question.text}${choices} [${byDefault === "" ? "none" : byDefault}]: `;
  for (;;) {
    const line = await cli.process.readLine(prompt, asking.signal);
    asking.signal.throwIfAborted();
    if (line === undefined) {
      throw new ConfigError(`there is no answer to "${question.text}"`, {
        hint: `give ${question.flag.split(" ")[0]}, or --yes for every default`,
      });
    }
    const text = line.trim() || byDefault;
    try {
      question.check(text);
      return text;
    } catch (error) {
      // Whoever types may try again; a script has made a mistake.
      if (!cli.process.isInputTerminal || !(error instanceof ConfigError)) throw error;
      cli.process.writeError(`${error.message}; ${error.hint}\n`);
    }
  }
}

/** Brings the documents up to date, as `npm run docs` does. False when that failed: what was written stays right. */
async function writeDocs(cli: Cli, repository: string): Promise<boolean> {
  const child = cli.process.spawnNode(`${repository}/scripts/docs.ts`, []);
  for await (const line of child.lines()) cli.process.writeError(`${line}\n`);
  return (await child.ended).code === 0;
}

async function report(
  cli: Cli,
  flags: CreateFlags,
  name: string,
  { directory, created, changed }: Scaffold,
  repository: string | undefined,
): Promise<void> {
  const output = new Output(cli, flags);
  for (const { path } of created) output.line(`created  ${path}`);
  for (const { path } of changed) output.line(`changed  ${path}`);
  const written = { created: created.map(({ path }) => path), changed: changed.map(({ path }) => path) };
  const record = { connector: `${name}_perpetual`, directory, ...written };
  if (repository === undefined) {
    output.json(record);
    output.line(`\nin ${directory}: README.md goes through it; perpwire create --status . lists what is to paste`);
    return;
  }
  output.line("\nwriting the tables of the documents (npm run docs) ...");
  const hasDocs = await writeDocs(cli, repository);
  output.json({ ...record, hasDocs });
  if (!hasDocs) {
    output.note("the tables of the documents could not be written: see why with npm run docs");
    cli.process.setExitCode(EXIT_CODES.failed);
  }
  const folder = `test/venues/${dashedName(name)}`;
  output.line(`perpwire create --status ${folder} lists what is to paste; docs/adding-a-venue.md goes through it`);
}

/** Versions for a venue's package to depend on: those that this command was built with. */
function versions() {
  const manifest = ownManifest();
  const development = Object(manifest.devDependencies);
  const versionOf = (name: string): string => String(Reflect.get(development, name));
  return {
    perpwire: `^${versionOfPackage()}`,
    zod: versionOf("zod"),
    typescript: versionOf("typescript"),
    nodeTypes: versionOf("@types/node"),
  };
}
