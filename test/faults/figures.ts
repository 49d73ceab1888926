/** One figure of a scenario and the bounds it must keep. */
export interface Figure {
	readonly what: string;
	readonly value: number;
	readonly least?: number;
	readonly most?: number;
	/** Depends on the machine: shown, and not tested. */
	readonly timed?: boolean;
}

/** Something that can go wrong, with what must come of it. */
export interface Scenario {
	readonly name: string;
	readonly run: () => Promise<readonly Figure[]>;
	/** It sets the environment of its process, which a test has none of its own of. */
	readonly commandOnly?: boolean;
}

export function holds({ value, least = -Infinity, most = Infinity }: Figure): boolean {
	return value >= least && value <= most;
}

export function exactly(what: string, value: number, wanted: number): Figure {
	return { what, value, least: wanted, most: wanted };
}
