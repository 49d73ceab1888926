import loadHighs from 'highs';
import type { PairGraph, StarLimits } from '../../nodes/QccRadar/plan/starCover';

/**
 * The fewest calls, by the HiGHS integer program solver; undefined where it did not prove them in
 * time. Whole numbers are the calls of every vertex; the share of a pair that its user carries may
 * be any fraction, for with whole calls the pairs form a transport problem, whose corners are whole.
 */
export async function optimum(
	graph: PairGraph,
	limits: StarLimits,
	seconds: number,
): Promise<number | undefined> {
	const { userOf, companyOf } = graph;
	const sharesOf = new Map<string, string[]>();
	const constraints: string[] = [];
	userOf.forEach((user, p) => {
		const ends = [`u${user}`, `c${companyOf[p] ?? 0}`] as const;
		for (const v of ends) {
			const shares = sharesOf.get(v);
			if (shares) shares.push(`y${p}`);
			else sharesOf.set(v, [`y${p}`]);
		}
		constraints.push(`${ends[0]} - y${p} >= 0`, `${ends[1]} + y${p} >= 1`);
	});
	for (const [v, shares] of sharesOf) {
		constraints.push(
			v.startsWith('u')
				? `${limits.companiesPerCall} ${v} - ${shares.join(' - ')} >= 0`
				: `${limits.usersPerCall} ${v} + ${shares.join(' + ')} >= ${shares.length}`,
		);
	}
	const vertices = [...sharesOf.keys()];
	const program = [
		'Minimize',
		vertices.join(' + '),
		'Subject To',
		...constraints,
		'Bounds',
		...Array.from(userOf, (_, p) => `0 <= y${p} <= 1`),
		// No best plan has more calls around a vertex than all its pairs fill. The solver does not see it.
		...Array.from(sharesOf, ([v, { length }]) => {
			const capacity = v.startsWith('u') ? limits.companiesPerCall : limits.usersPerCall;
			return `0 <= ${v} <= ${Math.ceil(length / capacity)}`;
		}),
		'General',
		vertices.join(' '),
		'End',
	].join('\n');
	const highs = await loadHighs();
	const { Status, ObjectiveValue } = highs.solve(program, {
		time_limit: seconds,
		mip_rel_gap: 0,
		mip_abs_gap: 0.99,
		output_flag: false,
	});
	return Status === 'Optimal' ? Math.round(ObjectiveValue) : undefined;
}
