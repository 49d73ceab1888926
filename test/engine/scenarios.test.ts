import { holds, SCENARIOS } from '../faults/scenarios';

test.each(SCENARIOS)(
	'$name',
	async ({ run }) => {
		const figures = await run();
		expect(figures.filter((figure) => !figure.timed && !holds(figure))).toEqual([]);
	},
	120_000,
);
