/** The vendor's document 风险监控分配企业接口 V1.0 as data: endpoints, caps, codes, words. */

export interface Endpoint {
	name: string;
	action: 'assign' | 'unassign';
	/** `user`: many companies, one user. `company`: many users, one company. */
	shape: 'user' | 'company';
	centre: 'loginName' | 'keyWord';
	list: 'keyWordList' | 'loginNameList';
	/** Most values the list may hold. */
	cap: number;
	/** A row's `msg` when it was done; of an administrator's removal, {@link UNFOLLOWED}. */
	done: string;
}

/** A row's `msg` where the login name is the main account's or a business administrator's. */
export const UNFOLLOWED = '取消关注成功';

export const API_PATH = '/api/radar_ext/';

const USER = { shape: 'user', centre: 'loginName', list: 'keyWordList', cap: 200 } as const;
const COMPANY = { shape: 'company', centre: 'keyWord', list: 'loginNameList', cap: 500 } as const;

/** Sections 5.1.1 to 5.1.4. */
export const ENDPOINTS: readonly Endpoint[] = [
	{
		name: 'batchAddRadarCompanyListToExistedUser',
		action: 'assign',
		done: '保存成功',
		...USER,
	},
	{
		name: 'batchCancelRadarCompanyListFromExistedUser',
		action: 'unassign',
		done: '删除成功',
		...USER,
	},
	{
		name: 'batchAddRadarCompanyToExistedUserList',
		action: 'assign',
		done: '保存成功',
		...COMPANY,
	},
	{
		name: 'batchCancelRadarCompanyFromExistedUserList',
		action: 'unassign',
		done: '删除成功',
		...COMPANY,
	},
];

/** Section 3: requests one key may have in flight. */
export const CONCURRENCY = 5;

/** Section 7.2, code 213: fewest characters of a keyword. */
export const SHORTEST_KEYWORD = 2;

/** Section 7.1, code 110: how long a query that kept failing stays locked, in ms. */
export const LOCK_MS = 2 * 60 * 60 * 1000;

/** Section 7: system-level (7.1) and service-level (7.2) codes. */
export const CODES: Readonly<Record<number, string>> = {
	101: '当前的 KEY 无效或者还未生效中',
	102: '当前 KEY 已过期',
	103: '当前 Key 被暂停使用',
	104: '接口正在维护中',
	105: '接口已下线停用',
	107: '被禁止的 IP 或者签名错误',
	108: '请求格式错误，请重试',
	109: '请求超过系统限制',
	110: '当前相同查询连续出错，请等 2小时后重试',
	111: '接口权限未开通',
	112: '当前账户购买额度已用完',
	199: '系统未知错误，请联系技术客服',
	200: '查询成功',
	201: '查询无结果',
	202: '查询参数错误，请检查',
	203: '系统查询有异常，请联系技术人员',
	204: '请至少输入一个参数',
	205: '等待处理中',
	206: '无效的省份代码',
	207: '请求数据的条目数超过上限（5000）',
	208: '请求数据过旧',
	213: '参数长度不能小于 2',
	214: '未申请该接口',
	215: '不支持的查询关键字',
	299: '无效的请求',
	500: '接口相关的逻辑错误',
};

/** A row's `msg` when it was not done. The document has the first; it is silent on the others. */
export const ROW_REFUSALS = {
	unknownCompany: '关键字不存在',
	unknownUser: '登录名不存在',
	alreadyAssigned: '该公司已监控',
	notAssigned: '未监控该公司',
} as const;
