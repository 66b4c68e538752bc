// Checks Slack messages against the vendor's own types (npm @slack/types, by the TypeScript compiler) and against the
// limits that types cannot state.
//
//   node slack_check.mjs FILE...      each a message, or a golden request with the message in "body"; - is stdin
//
// A line per file on stdout: {"file":...,"valid":true,"problems":[]}. Exit 1 when any is invalid.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(here, "node_modules");

// What chat.postMessage, chat.update and incoming webhooks take, of the fields that the gateway uses.
const MESSAGE = `
import type { KnownBlock, MessageAttachment } from "@slack/types";
export type Message = {
  text: string; blocks?: KnownBlock[]; attachments?: MessageAttachment[];
  channel?: string; ts?: string; thread_ts?: string;
  unfurl_links?: boolean; unfurl_media?: boolean;
  username?: string; icon_emoji?: string; icon_url?: string;
};
`;

/** Types: one compiler run for all messages, as starting it is what takes the time. Gives problems by index. */
function typeProblems(messages) {
  const folder = mkdtempSync(path.join(tmpdir(), "wardex-slack-"));
  try {
    symlinkSync(modules, path.join(folder, "node_modules"));
    writeFileSync(path.join(folder, "package.json"), '{"type":"module"}');
    writeFileSync(path.join(folder, "message.ts"), MESSAGE);
    messages.forEach((message, i) =>
      writeFileSync(
        path.join(folder, `m${i}.ts`),
        `import type { Message } from "./message.js";\nconst m: Message = ${JSON.stringify(message)};\nexport default m;\n`,
      ),
    );
    writeFileSync(
      path.join(folder, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: { noEmit: true, strict: true, skipLibCheck: true, module: "nodenext", moduleResolution: "nodenext", types: [] },
        include: ["*.ts"],
      }),
    );
    const problems = messages.map(() => []);
    try {
      execFileSync(process.execPath, [path.join(modules, "typescript", "bin", "tsc"), "-p", folder, "--pretty", "false"], { stdio: "pipe" });
    } catch (failure) {
      const output = `${failure.stdout ?? ""}${failure.stderr ?? ""}`;
      let placed = false;
      for (const line of output.split("\n")) {
        const found = /(?:^|[/\\])m(\d+)\.ts\((\d+),(\d+)\): error (.*)/.exec(line);
        if (!found) continue;
        problems[Number(found[1])].push(`type: ${found[4].slice(0, 300)}`);
        placed = true;
      }
      if (!placed) throw new Error(`the TypeScript compiler failed: ${output || failure.message}`);
    }
    return problems;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const length = (text) => [...text].length; // code points, as Slack counts

/** docs.slack.dev, block kit reference; the total is where msg_blocks_too_long sets in (slackapi/bolt-js#2509), rounded down. */
function limitProblems(message) {
  const problems = [];
  const atMost = (what, size, limit) => size > limit && problems.push(`${what}: ${size} of at most ${limit}`);
  const textOf = (what, object, limit) => {
    if (length(object.text) < 1) problems.push(`${what}: empty`);
    atMost(what, length(object.text), limit);
    if (object.type === "mrkdwn") {
      const rest = object.text.replace(/<(?:!here|!channel|!everyone|!subteam\^S[A-Z0-9]+|@[UW][A-Z0-9]+|!date\^\d+\^[^<>|]+\|[^<>]+|https?:\/\/[^<>|]+\|[^<>|]+)>/g, "");
      if (/[<>]/.test(rest)) problems.push(`${what}: an unescaped < or >`);
      if (/&(?!amp;|lt;|gt;)/.test(rest)) problems.push(`${what}: an unescaped or cut entity`);
    }
  };
  const checkBlocks = (blocks) => {
    atMost("blocks", blocks.length, 50);
    for (const block of blocks) {
      if (block.block_id) atMost("block_id", length(block.block_id), 255);
      if (block.type === "header") textOf("header", block.text, 150);
      if (block.type === "section") {
        if (!block.text && !block.fields?.length) problems.push("section: neither text nor fields");
        if (block.text) textOf("section text", block.text, 3000);
        atMost("section fields", block.fields?.length ?? 0, 10);
        for (const field of block.fields ?? []) textOf("section field", field, 2000);
      }
      if (block.type === "context") {
        atMost("context elements", block.elements.length, 10);
        for (const element of block.elements) if ("text" in element) textOf("context", element, 3000);
      }
      if (block.type === "actions") {
        atMost("actions", block.elements.length, 25);
        for (const element of block.elements) {
          if (element.text) textOf("button text", element.text, 75);
          if (element.url !== undefined) atMost("button url", length(element.url), 3000);
        }
      }
    }
  };
  if (!message.text) problems.push("text: missing, and it is what notifications and screen readers use");
  checkBlocks(message.blocks ?? []);
  for (const attachment of message.attachments ?? []) checkBlocks(attachment.blocks ?? []);
  atMost("whole message", length(JSON.stringify(message)), 12000);
  return problems;
}

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: node slack_check.mjs FILE...");
  process.exit(2);
}
const messages = files.map((file) => {
  const json = JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8"));
  return json.type === "http" ? json.body : json;
});
const types = typeProblems(messages);
let failed = false;
files.forEach((file, i) => {
  let limits;
  try {
    limits = limitProblems(messages[i]);
  } catch (error) {
    limits = [`limits could not be checked: ${error.message}`]; // not a message at all; the types say so too
  }
  const problems = [...types[i], ...limits];
  failed ||= problems.length > 0;
  console.log(JSON.stringify({ file, valid: problems.length === 0, problems }));
});
process.exit(failed ? 1 : 0);
