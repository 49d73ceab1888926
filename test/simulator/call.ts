import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import { API_PATH, ENDPOINTS, type Endpoint } from './document';

/** One request as it arrived, whatever became of it. */
export interface CallRecord {
	/** Counts every request from 1, refused ones included. */
	n: number;
	method: string;
	/** The endpoint's name; for any other address, its path. */
	endpoint: string;
	action: 'assign' | 'unassign' | 'other';
	shape: 'user' | 'company' | 'other';
	/** The login name (`user`) or keyword (`company`) the call is about; empty when not sent. */
	centre: string;
	/** The list parameter, split at ASCII commas, as sent. */
	values: string[];
	/** The AppKey as sent; empty when not sent. */
	key: string;
	/** Length of the request target: path and query, still encoded. */
	urlBytes: number;
	/** Names in lower case. */
	headers: IncomingHttpHeaders;
	/** Real time in ms, whatever the simulator's own clock says. */
	startedAt: number;
	/** When the response ended or the client went. */
	endedAt?: number;
	/** Requests of this key in flight at arrival, this one included. */
	inFlight: number;
	/** What went out last; absent while nothing has, or when the client went first. */
	answer?: AnswerLabel;
}

/** `rows`, a call-level code, an HTTP status other than 200, or the fault played. */
export type AnswerLabel = 'rows' | number | `fault:${string}` | `http:${number}`;

/** A call with what only the server needs to know of it. */
export interface Arrival {
	call: CallRecord;
	endpoint: Endpoint | undefined;
	path: string;
	query: URLSearchParams;
	/** False when a percent escape is broken or no UTF-8. */
	wellFormed: boolean;
	/** Equal for equal endpoint and parameters, in whatever order. */
	identity: string;
}

export function readArrival(request: IncomingMessage, n: number): Arrival {
	const target = request.url ?? '/';
	const mark = target.indexOf('?');
	const path = mark < 0 ? target : target.slice(0, mark);
	const rawQuery = mark < 0 ? '' : target.slice(mark + 1);
	const query = new URLSearchParams(rawQuery);
	query.sort();
	const endpoint = ENDPOINTS.find(({ name }) => path === API_PATH + name);
	const list = endpoint ? query.get(endpoint.list) : null;
	return {
		call: {
			n,
			method: request.method ?? '',
			endpoint: endpoint?.name ?? path,
			action: endpoint?.action ?? 'other',
			shape: endpoint?.shape ?? 'other',
			centre: (endpoint && query.get(endpoint.centre)) ?? '',
			values: list ? list.split(',') : [],
			key: query.get('key') ?? '',
			urlBytes: target.length,
			headers: request.headers,
			startedAt: Date.now(),
			inFlight: 0,
		},
		endpoint,
		path,
		query,
		wellFormed: isWellFormed(rawQuery),
		identity: `${path}?${query.toString()}`,
	};
}

function isWellFormed(rawQuery: string): boolean {
	try {
		decodeURIComponent(rawQuery);
		return true;
	} catch {
		return false;
	}
}
