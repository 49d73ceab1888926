import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Table } from './table';

echarts.use([BarChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

/** Which cells of a table a bar chart shows. */
export interface Chart {
	readonly title: string;
	/** Columns that name a group of bars. */
	readonly labels: readonly string[];
	/** Columns of numbers: a bar each, in every group. */
	readonly bars: readonly string[];
	readonly logarithmic?: boolean;
	/** Rows to be shown, by the cells of a column; all of them by default. */
	readonly only?: Readonly<Record<string, string | number>>;
}

const WIDTH = 860;
const BAR = 16;

/** A table's bar chart as SVG, on a ground of its own: pages may be dark. */
export function toSvg(table: Table, chart: Chart): string {
	const at = (column: string): number => {
		const index = table.columns.indexOf(column);
		if (index < 0) throw new Error(`“${table.title}” has no column “${column}”`);
		return index;
	};
	const only = Object.entries(chart.only ?? {});
	const rows = table.rows.filter((row) => only.every(([column, cell]) => row[at(column)] === cell));
	const values = chart.bars.map((column) => rows.map((row) => Number(row[at(column)])));
	const plot = echarts.init(null, null, {
		renderer: 'svg',
		ssr: true,
		width: WIDTH,
		height: 124 + rows.length * (chart.bars.length * BAR + 14),
	});
	plot.setOption({
		animation: false,
		backgroundColor: '#fff',
		title: { text: chart.title, left: 12, top: 8, textStyle: { fontSize: 15 } },
		legend: { top: 36, left: 12, selectedMode: false },
		grid: { left: 12, right: 70, top: 84, bottom: 12 },
		xAxis: chart.logarithmic ? { type: 'log', min: lowEnd(values) } : { type: 'value' },
		yAxis: {
			type: 'category',
			name: chart.labels.join(' · '),
			nameLocation: 'start',
			inverse: true,
			data: rows.map((row) => chart.labels.map((column) => numeral(row[at(column)])).join(' · ')),
			axisLabel: { width: 260, overflow: 'break' },
		},
		series: chart.bars.map((column, i) => ({
			type: 'bar',
			name: column,
			data: values[i] ?? [],
			barMaxWidth: BAR,
			label: {
				show: true,
				position: 'right',
				formatter: ({ value }: { value: number }) => numeral(value),
			},
		})),
	});
	const svg = plot.renderToSVGString();
	plot.dispose();
	return `${svg}\n`;
}

/** A power of ten that leaves the shortest bar some length. */
function lowEnd(values: readonly (readonly number[])[]): number {
	return 10 ** (Math.floor(Math.log10(Math.min(...values.flat()))) - 1);
}

function numeral(cell: string | number | undefined): string {
	return cell?.toLocaleString('en-US').replaceAll('`', '') ?? '';
}
