import { SHORTEST } from '../../nodes/QccRadar/qcc/alreadySo';
import { CODES, MAX_SENDS_OF_A_QUERY, type Treatment } from '../../nodes/QccRadar/qcc/codes';
import { SAFE_URL_BYTES } from '../../nodes/QccRadar/qcc/endpoints';
import { MOST_REFUSALS } from '../../nodes/QccRadar/send/blame';
import { ENOUGH_ALONE, MOST_LOST_IN_A_ROW } from '../../nodes/QccRadar/send/run';
import { CODES as WORDS } from '../simulator/document';

const AGAIN = `Sends it again after a while, at most ${MAX_SENDS_OF_A_QUERY} times in all; then its rows are \`unknown\`. ${MOST_LOST_IN_A_ROW} such calls in a row stop the run.`;

/** What the node does with a code, for people. */
const TREATMENTS: Readonly<Record<Treatment, string>> = {
	account: 'Stops all calls of the run at once; rows not answered are `notSent`.',
	throttled: 'Sends fewer calls at a time and tries again, within “Retry For”.',
	passing: AGAIN,
	locked: 'Never tries again: its rows are `notSent`. Other rows go on.',
	badRow:
		'Halves the call until the bad row stands alone, which is `rejected`; the others go through. Where QCC’s words say that the call’s own user or company is the cause, all its rows are.',
};

const HEAD = `# QCC's codes

Made from the table that the node itself uses (\`nodes/QccRadar/qcc/codes.ts\`) by \`npm run docs\`; a test holds the two against each other. The Chinese message is the one of the vendor's document, sections 7.1 and 7.2. QCC's own message is always shown as it came, since meanings have moved between versions of the code table.

A call that is answered with 200 or 500 and rows is judged row by row: a row with status 200 is \`ok\`, any other is \`rejected\`, unless it is a code of this table that is not the row’s fault (112, 205): then it is \`unknown\`. A row that the answer leaves out, or does not tell clearly (200 with 保存失败 or 关键字不存在), is \`unknown\`, and so is a row that is refused after an attempt that got no answer. Rows count whatever HTTP status they came with; under a code that refuses the whole call, those do that say something of their own company or user.

A refusal that says, as its whole meaning, that the row is as you asked is \`ok\`. Assign: ${SHORTEST.assign.join(' ')}; unassign: ${SHORTEST.unassign.join(' ')}; also with the company and the user named (该公司已监控), and with what follows from it (请勿重复添加). A code for the whole call that says so counts for a row that the call held alone. A sentence that merely holds such a word is a refusal: 您已监控的企业数量已达上限.

Where call after call is refused with one such code, and nothing at all goes through, it is not the rows: after ${MOST_REFUSALS} of them the run stops, and its rows are \`notSent\` with that code. Around one user or company, where the rows of others go through, ${ENOUGH_ALONE} rows alone are enough.

| Code | QCC says | What it means | What the node does | What to do |
| --- | --- | --- | --- | --- |
`;

const TAIL = `
## Without a code

| What came back | What the node does |
| --- | --- |
| HTTP 401, 403, any redirect, a certificate that is not trusted | Stops all calls of the run at once; rows not answered are \`notSent\`. Redirects are not followed: signatures stay with QCC. |
| HTTP 429 | As code 109. A \`Retry-After\` header is honoured, as with any answer that is tried again. |
| HTTP 5xx and 408, a connection that breaks, in TCP or in TLS, no complete answer within “Timeout”, a body that is cut short or is not QCC's JSON | ${AGAIN} |
| No connection at all | Tries again until “Retry For” has passed; then the run stops, and rows that were never sent are \`notSent\`. |
| HTTP 413, 414, 431, and 400 or 404 with a web page | Takes the URL for too long and sends its rows in smaller calls, remembering the length for this account and address until a longer one passes again. If the URL was shorter than ${SAFE_URL_BYTES.toLocaleString('en')} bytes, the address is wrong: the run stops, and what such pages taught of the length is forgotten. |
| Any other HTTP 4xx | Stops all calls of the run: the base URL is not QCC's. |
| A code that no table lists | ${AGAIN} |

What fails, or is refused by a web server’s page, with the rows of several executions goes on in halves by execution: one’s row may be all that spoils it.
`;

/** docs/codes.md as it should be, not yet formatted. */
export function codesPage(): string {
	const rows = Object.entries(CODES).map(([code, { treatment, meaning, advice }]) => {
		const words = WORDS[Number(code)] ?? '';
		const cell = meaning.charAt(0).toUpperCase() + meaning.slice(1);
		return `| ${code} | ${words} | ${cell} | ${TREATMENTS[treatment]} | ${advice} |\n`;
	});
	return HEAD + rows.join('') + TAIL;
}
