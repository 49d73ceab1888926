import type { RunSettings } from '../../nodes/QccRadar/send/run';

/** The node's defaults, with nothing behind `exchange`. */
export function settingsOf(settings: Partial<RunSettings> = {}): RunSettings {
	return {
		rowsPerCall: { user: 200, company: 500 },
		maxUrlBytes: Infinity,
		maxConcurrency: 5,
		timeout: 60_000,
		retryFor: 300_000,
		cancel: undefined,
		afresh: false,
		exchange: () => Promise.reject(new Error('Nothing is to be sent here')),
		log: () => undefined,
		...settings,
	};
}
