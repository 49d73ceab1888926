import type { PairGraph } from '../../nodes/QccRadar/plan/starCover';
import { seededRandom } from '../harness/seededRandom';

/** Collects distinct pairs up to a number. */
class Pairs {
	private readonly users: number[] = [];
	private readonly companies: number[] = [];
	private readonly known = new Set<number>();

	constructor(private readonly wanted: number) {}

	get full(): boolean {
		return this.users.length >= this.wanted;
	}

	add(user: number, company: number): void {
		const key = user * 2 ** 26 + company;
		if (this.full || this.known.has(key)) return;
		this.known.add(key);
		this.users.push(user);
		this.companies.push(company);
	}

	graph(): PairGraph {
		return {
			userOf: Int32Array.from(this.users),
			companyOf: Int32Array.from(this.companies),
			userCount: this.users.reduce((most, user) => Math.max(most, user + 1), 0),
			companyCount: this.companies.reduce((most, company) => Math.max(most, company + 1), 0),
		};
	}
}

type Random = () => number;

/** Pairs drawn one by one until there are enough. */
function drawn(
	count: number,
	seed: number,
	draw: (random: Random) => readonly [user: number, company: number],
): PairGraph {
	const random = seededRandom(seed);
	const pairs = new Pairs(count);
	while (!pairs.full) pairs.add(...draw(random));
	return pairs.graph();
}

const below = (random: Random, limit: number): number => Math.floor(random() * limit);

/**
 * Teams with leads: in each block of some users and companies sparse pairs, and a few hubs, users
 * who watch nearly the whole block and companies that nearly everyone in it watches.
 */
function blocks(count: number, seed: number, users: number, companies: number): PairGraph {
	const random = seededRandom(seed);
	const pairs = new Pairs(count);
	const hubUsers = Math.max(1, Math.round(users / 50));
	const hubCompanies = Math.max(1, Math.round(companies / 50));
	for (let block = 0; !pairs.full; block++) {
		const user = (index: number): number => block * users + index;
		const company = (index: number): number => block * companies + index;
		for (let u = 0; u < users; u++) {
			for (let c = 0; c < companies; c++) {
				const chance = u < hubUsers || c < hubCompanies ? 0.9 : 1 / Math.max(users, companies);
				if (random() < chance) pairs.add(user(u), company(c));
			}
		}
	}
	return pairs.graph();
}

/** Seeded graphs of `count` pairs, in the shapes that assignments take. */
export const FAMILIES: Readonly<Record<string, (count: number, seed: number) => PairGraph>> = {
	'few users × many companies': (count, seed) => {
		const users = Math.max(3, Math.round(count ** 0.4 / 2));
		const companies = Math.round((count / users) * 2.5);
		return drawn(count, seed, (random) => [below(random, users), below(random, companies)]);
	},
	'few companies × many users': (count, seed) => {
		const companies = Math.max(3, Math.round(count ** 0.4 / 2));
		const users = Math.round((count / companies) * 2.5);
		return drawn(count, seed, (random) => [below(random, users), below(random, companies)]);
	},
	'sparse random': (count, seed) => {
		const side = Math.round(count / 2.5);
		return drawn(count, seed, (random) => [below(random, side), below(random, side)]);
	},
	'power law': (count, seed) => {
		const side = Math.round(count / 2);
		return drawn(count, seed, (random) => [
			Math.floor(side * random() ** 4),
			Math.floor(side * random() ** 4),
		]);
	},
	'blocks with hubs, square': (count, seed) => {
		const side = Math.max(60, Math.min(300, Math.round(count / 16)));
		return blocks(count, seed, side, side);
	},
	'blocks with hubs, skewed': (count, seed) => {
		const companies = Math.max(150, Math.min(1500, Math.round(count / 8)));
		return blocks(count, seed, Math.round(companies / 7.5), companies);
	},
	'dense above the caps': (count, seed) => {
		const companies = Math.max(210, Math.min(1200, Math.round(count ** 0.6)));
		const users = Math.max(2, Math.ceil((count / companies) * 1.2));
		return drawn(count, seed, (random) => [below(random, users), below(random, companies)]);
	},
};
