// The one file that a page loads: it brings <kenshin-usage>.

export { KenshinUsage } from "./element";
