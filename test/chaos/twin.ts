export async function playOnTwin(_first: number, _count: number): Promise<number> {
  return 2;
}
