/** Drives work that yields for breath to its end, and counts the yields. */
export function drive<T>(work: Generator<undefined, T>): { value: T; yields: number } {
	for (let yields = 0; ; yields++) {
		const step = work.next();
		if (step.done) return { value: step.value, yields };
	}
}

/** What work that yields for breath comes to. */
export function finish<T>(work: Generator<undefined, T>): T {
	return drive(work).value;
}
