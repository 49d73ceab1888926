import type { Arrival } from './call';
import { CODES, SHORTEST_KEYWORD } from './document';
import type { Fault, RowChange } from './faults';
import type { Answer, Ledger } from './ledger';

export interface AnswerOptions {
	/** Signed endpoints besides the document's four: path -> the answer as JSON. */
	extraEndpoints?: Record<string, (query: URLSearchParams) => unknown>;
	/** Keyword or login name -> code that any call which carries it is answered with, no rows. */
	poison?: Record<string, number>;
	/** Default false. True: every `status` is sent as a number. */
	numericStatus?: boolean;
}

/** The document's answer, or the JSON of an endpoint the document does not list. */
export type Reply = Answer | (Answer & { json: unknown });

/** What the API answers a call that is let in, and how it writes it down. */
export class Api {
	constructor(
		private readonly options: AnswerOptions,
		private readonly ledger: Ledger,
	) {}

	/** @param commit whether the ledger is changed */
	answer(arrival: Arrival, commit: boolean): Reply {
		const { call, endpoint, path, query, wellFormed } = arrival;
		const { extraEndpoints, poison = {} } = this.options;
		if (!wellFormed) return codeAnswer(108);
		if (!endpoint) return { ...codeAnswer(200), json: extraEndpoints?.[path]?.(query) };
		const required = [query.get(endpoint.centre), query.get(endpoint.list)];
		if (required.includes(null)) return codeAnswer(204);
		if (required.some((value) => value?.trim() === '')) return codeAnswer(202);
		if (call.values.length > endpoint.cap) return codeAnswer(207);
		const keywords = endpoint.shape === 'user' ? call.values : [call.centre];
		if (keywords.some((keyword) => Array.from(keyword.trim()).length < SHORTEST_KEYWORD)) {
			return codeAnswer(213);
		}
		if (call.values.some((value) => value.trim() === '')) return codeAnswer(202);
		for (const value of [call.centre, ...call.values]) {
			if (Object.hasOwn(poison, value)) return codeAnswer(poison[value] ?? 199);
		}
		return this.ledger.answer(endpoint, call, commit);
	}

	/** The text that goes out: of the answer, or of the fault in its place. */
	write(answer: Reply, fault?: Fault): string | Buffer {
		switch (fault?.kind) {
			case 'body':
				return fault.body;
			case 'code': {
				const plain = codeAnswer(fault.code);
				return this.render({ ...plain, msg: fault.msg ?? plain.msg });
			}
			case 'rows':
				return this.render({ ...answer, status: fault.code ?? answer.status }, fault.change);
			default:
				return this.render(answer);
		}
	}

	/** An answer as text. */
	render(answer: Reply, change: RowChange = (rows) => rows): string {
		if ('json' in answer) return JSON.stringify(answer.json);
		const { status, msg, rows } = answer;
		const sent = rows?.map((row) => ({ ...row, status: this.written(row.status) }));
		const result = sent ? { batchList: change(sent) } : null;
		return JSON.stringify({ status: this.written(status), msg, result });
	}

	private written(status: string | number): string | number {
		return this.options.numericStatus ? status : String(status);
	}
}

/** A refusal with the document's words for its code. */
export function codeAnswer(code: number | string): Answer {
	return { status: code, msg: CODES[Number(code)] ?? null, rows: null };
}
