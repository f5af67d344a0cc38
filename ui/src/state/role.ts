/** The full id of a role, such as `reforms/large?users=800&part=database`, taken apart and put together. */

export type RoleId = { path: string; asked: [string, string][] };

export function parseRole(full: string): RoleId {
  const [path = '', query = ''] = full.split('?');
  return { path, asked: [...new URLSearchParams(query)] };
}

export function formatRole({ path, asked }: RoleId): string {
  const query = new URLSearchParams(asked).toString();
  return query === '' ? path : `${path}?${query}`;
}
