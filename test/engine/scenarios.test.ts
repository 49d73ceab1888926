import { holds } from '../faults/figures';
import { SCENARIOS } from '../faults/scenarios';

test.each(SCENARIOS.filter(({ commandOnly }) => !commandOnly))(
	'$name',
	async ({ run }) => {
		const figures = await run();
		expect(figures.filter((figure) => !figure.timed && !holds(figure))).toEqual([]);
	},
	120_000,
);
