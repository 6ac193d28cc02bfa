import type { Profile } from "../../analysis/profile.ts";
export const renderProfile = (_: Profile): string => "";
