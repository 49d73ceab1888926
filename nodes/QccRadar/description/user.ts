import type { INodeProperties } from 'n8n-workflow';

const onlyUser = { resource: ['user'] };

export const userDescription: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: onlyUser },
		options: [
			{
				name: 'Assign Companies',
				value: 'assignCompanies',
				description: 'Have any number of companies monitored for a user, 200 to a call',
				action: 'Assign companies to user',
			},
			{
				name: 'Unassign Companies',
				value: 'unassignCompanies',
				description: 'Remove any number of companies from a user, 200 to a call',
				action: 'Unassign companies from user',
			},
		],
		default: 'assignCompanies',
	},
	{
		displayName:
			'If the login name belongs to the main account or a business administrator, removing a company stops following it. If it belongs to an employee, only the link between the two is removed.',
		name: 'unassignNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { ...onlyUser, operation: ['unassignCompanies'] } },
	},
	{
		displayName: 'Login Name',
		name: 'loginName',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 13800138000',
		description: 'Mobile number with which the user logs in to QCC Pro (登录名). One per item.',
		displayOptions: { show: onlyUser },
	},
	{
		displayName: 'Companies',
		name: 'companies',
		type: 'string',
		typeOptions: { rows: 4 },
		required: true,
		default: '',
		placeholder: 'e.g. 小米科技有限责任公司, 广东小米科技有限责任公司',
		description:
			'Name, registration number or unified social credit code (关键字). Several as an array, or as text split by line breaks, commas or semicolons. Any number: they are spread over calls.',
		displayOptions: { show: onlyUser },
	},
];
