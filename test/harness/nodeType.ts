/** The package's node, as workflows name it. */
export const PACKAGE = 'n8n-nodes-qcc-radar';
export const NODE_TYPE = `${PACKAGE}.qccRadar`;
