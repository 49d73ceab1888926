import type { Shape } from '../qcc/endpoints';

/**
 * The distinct pairs of a run, numbered from 0 in the order of their first mention, each once
 * however often it is asked for. Users and companies are numbered likewise.
 */
export class PairTable {
	readonly users: string[] = [];
	readonly companies: string[] = [];
	/** For pair p: the number of its user. */
	readonly userOf: number[] = [];
	/** For pair p: the number of its company. */
	readonly companyOf: number[] = [];

	private readonly userNumbers = new Map<string, number>();
	private readonly companyNumbers = new Map<string, number>();
	/** For each user: company number → pair number. */
	private readonly pairNumbers: Map<number, number>[] = [];

	get size(): number {
		return this.userOf.length;
	}

	/** The number of this pair, a new one if it was not met before. */
	add(loginName: string, company: string): number {
		const userNumber = number(loginName, this.users, this.userNumbers);
		const companyNumber = number(company, this.companies, this.companyNumbers);
		const ofUser = (this.pairNumbers[userNumber] ??= new Map<number, number>());
		const known = ofUser.get(companyNumber);
		if (known !== undefined) return known;

		const pair = this.size;
		ofUser.set(companyNumber, pair);
		this.userOf.push(userNumber);
		this.companyOf.push(companyNumber);
		return pair;
	}

	/** The number of this pair, if it was met. */
	find(loginName: string, company: string): number | undefined {
		const userNumber = this.userNumbers.get(loginName);
		const companyNumber = this.companyNumbers.get(company);
		if (userNumber === undefined || companyNumber === undefined) return undefined;
		return this.pairNumbers[userNumber]?.get(companyNumber);
	}

	/** Whether some pair has this user, or this company. */
	knows(shape: Shape, name: string): boolean {
		return (shape === 'user' ? this.userNumbers : this.companyNumbers).has(name);
	}

	loginName(pair: number): string {
		return this.users[this.userOf[pair] ?? -1] ?? '';
	}

	company(pair: number): string {
		return this.companies[this.companyOf[pair] ?? -1] ?? '';
	}
}

function number(name: string, names: string[], numbers: Map<string, number>): number {
	const known = numbers.get(name);
	if (known !== undefined) return known;
	numbers.set(name, names.length);
	return names.push(name) - 1;
}
