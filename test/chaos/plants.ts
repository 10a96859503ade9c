export const PLANTS: readonly { readonly name: string; readonly what: string }[] = [];
export function sow(_name: string): boolean {
  return false;
}
