import { createHash } from 'node:crypto';

import type { CallRecord } from './call';
import { type Endpoint, ROW_REFUSALS, UNFOLLOWED } from './document';

/** A registered company: a keyword that is any of its names or numbers, in any width, resolves to it. */
export interface Company {
	name: string;
	formerNames?: string[];
	creditCode?: string;
	registrationNo?: string;
	keyNo: string;
}

/** One row of `result.batchList`: keyWord and keyNo from `user` calls, loginName from `company`. */
export interface AnswerRow {
	keyWord?: string;
	keyNo?: string | null;
	loginName?: string;
	status: string | number;
	msg: string;
}

/** The body of an answer; `rows` null is `"result": null`. */
export interface Answer {
	status: string | number;
	msg: string | null;
	rows: AnswerRow[] | null;
}

export interface LedgerOptions {
	companies?: Company[];
	/**
	 * Default true: a keyword in no list is a company of that very name, its keyNo the MD5 of it,
	 * unless it contains 不存在.
	 */
	openRegister?: boolean;
	/** When given, no other login name exists. */
	users?: string[];
	/**
	 * Login names of the main account and business administrators: what they remove is not followed
	 * any more (取消关注), by anybody: the worst that sections 5.1.2 and 5.1.4 can mean.
	 */
	administrators?: string[];
	/** Default false. True: a row whose wished state already stands is refused. */
	refuseRepeats?: boolean;
}

/** Which users monitor which companies. */
export class Ledger {
	private readonly register = new Map<string, Company>();
	private readonly users: ReadonlySet<string> | undefined;
	private readonly administrators: ReadonlySet<string>;
	private readonly monitored = new Map<string, Set<string>>();

	constructor(private readonly options: LedgerOptions) {
		for (const company of options.companies ?? []) {
			const { name, formerNames = [], creditCode, registrationNo } = company;
			for (const keyword of [name, ...formerNames, creditCode, registrationNo]) {
				if (keyword) this.register.set(halfWidth(keyword), company);
			}
		}
		this.users = options.users && new Set(options.users);
		this.administrators = new Set(options.administrators);
	}

	/** `${loginName} ${company name}` lines, sorted by code unit. */
	pairs(): string[] {
		return [...this.monitored]
			.flatMap(([loginName, names]) => [...names].map((name) => `${loginName} ${name}`))
			.sort();
	}

	/** `company` is any of the company's keywords. */
	has(loginName: string, company: string): boolean {
		return this.monitored.get(loginName)?.has(this.nameOf(company)) ?? false;
	}

	assign(loginName: string, company: string): void {
		const names = this.monitored.get(loginName);
		if (names) names.add(this.nameOf(company));
		else this.monitored.set(loginName, new Set([this.nameOf(company)]));
	}

	clear(): void {
		this.monitored.clear();
	}

	/**
	 * The answer to a call whose parameters are right, row by row in the order sent; the pairs
	 * change only when `commit` is true. An unknown login name fails a `user` call as a whole, and
	 * an unknown keyword every row of a `company` call: the document is silent on both.
	 */
	answer(endpoint: Endpoint, call: CallRecord, commit: boolean): Answer {
		if (endpoint.shape === 'user' && !this.knowsUser(call.centre)) {
			return { status: 500, msg: ROW_REFUSALS.unknownUser, rows: null };
		}
		const rows = call.values.map((value) =>
			endpoint.shape === 'user'
				? this.companyRow(endpoint, call.centre, value, commit)
				: { loginName: value, ...this.settle(endpoint, value, this.find(call.centre), commit) },
		);
		return { status: rows.every(({ status }) => status === 200) ? 200 : 500, msg: null, rows };
	}

	private companyRow(
		endpoint: Endpoint,
		loginName: string,
		keyWord: string,
		commit: boolean,
	): AnswerRow {
		const company = this.find(keyWord);
		const keyNo = company?.keyNo ?? null;
		return { keyWord, keyNo, ...this.settle(endpoint, loginName, company, commit) };
	}

	private settle(
		{ action, done }: Endpoint,
		loginName: string,
		company: Company | undefined,
		commit: boolean,
	): { status: number; msg: string } {
		if (!company) return { status: 500, msg: ROW_REFUSALS.unknownCompany };
		if (!this.knowsUser(loginName)) return { status: 500, msg: ROW_REFUSALS.unknownUser };
		const assigning = action === 'assign';
		if (this.options.refuseRepeats && this.has(loginName, company.name) === assigning) {
			const { alreadyAssigned, notAssigned } = ROW_REFUSALS;
			return { status: 500, msg: assigning ? alreadyAssigned : notAssigned };
		}
		if (commit && assigning) this.assign(loginName, company.name);
		if (assigning || !this.administrators.has(loginName)) {
			if (commit && !assigning) this.monitored.get(loginName)?.delete(company.name);
			return { status: 200, msg: done };
		}
		if (commit) for (const names of this.monitored.values()) names.delete(company.name);
		return { status: 200, msg: UNFOLLOWED };
	}

	private knowsUser(loginName: string): boolean {
		return this.users?.has(loginName) ?? true;
	}

	private find(keyword: string): Company | undefined {
		const registered = this.register.get(halfWidth(keyword));
		if (registered) return registered;
		if (this.options.openRegister === false || keyword.includes('不存在')) return undefined;
		return { name: keyword, keyNo: keyNoOf(keyword) };
	}

	private nameOf(keyword: string): string {
		return this.register.get(halfWidth(keyword))?.name ?? keyword;
	}
}

/** The keyNo of a company that stands in no list. */
export function keyNoOf(company: string): string {
	return createHash('md5').update(company).digest('hex');
}

function halfWidth(keyword: string): string {
	return keyword.normalize('NFKC');
}
