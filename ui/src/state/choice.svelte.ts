/** Which product, which role, how large: the answers that going back keeps. */
import type { Product, Role } from '../ipc/bindings';
import { formatRole, parseRole } from './role';

/**
 * One card of the role screen. A size that takes several servers ("Medium, app server", "Medium, load balancer") is one card, and then asks which
 * of its servers this one is.
 */
export type Card = { key: string; title: string; group: string; roles: Role[] };

/** "Medium" of "Medium, app server". */
const sizeOf = (role: Role) => role.title.split(', ')[0] ?? role.title;

export class Choice {
  #products = $state<Product[]>([]);
  #product = $state<string | null>(null);
  #role = $state<string | null>(null);
  /** Workers or users, per product, so that switching roles keeps the figure. */
  #scale = $state<Record<string, number>>({});
  #options = $state<Record<string, string>>({});
  /** The setup the server belongs to, where several make one; empty where none is named. */
  setup = $state('');

  get products(): Product[] {
    return this.#products;
  }
  get product(): Product | null {
    return this.#products.find((p) => p.id === this.#product) ?? null;
  }
  get role(): Role | null {
    return this.product?.roles.find((r) => r.id === this.#role) ?? null;
  }
  get roleCount(): number {
    return this.#products.reduce((sum, p) => sum + p.roles.length, 0);
  }
  /** The figure of the slider: of the role, else of the sizes the product offers. */
  get scale(): number | null {
    const range = this.role?.scale ?? this.product?.roles.find((r) => r.scale)?.scale;
    return range ? (this.#scale[range.kind] ?? range.default) : null;
  }
  get options(): Record<string, string> {
    return Object.fromEntries((this.role?.options ?? []).map((o) => [o.id, this.#options[o.id] ?? o.default]));
  }
  /** Roles that are sizes: the number of people picks among them. */
  get sizes(): Role[] {
    return (this.product?.roles ?? []).filter((r) => r.scale?.kind === 'users');
  }

  get cards(): Card[] {
    const cards: Card[] = [];
    const scaled = this.sizes.map((r) => r.group);
    for (const role of this.product?.roles ?? []) {
      const key = scaled.includes(role.group) ? `${role.group}/${sizeOf(role)}` : role.id;
      const card = cards.find((c) => c.key === key);
      if (card) card.roles.push(role);
      else cards.push({ key, title: role.title, group: role.group, roles: [role] });
    }
    for (const card of cards) if (card.roles.length > 1 && card.roles[0]) card.title = sizeOf(card.roles[0]);
    return cards;
  }
  get card(): Card | null {
    return this.cards.find((c) => c.roles.some((r) => r.id === this.#role)) ?? null;
  }

  /** The full id, such as `dusk/prover?workers=6`. */
  get id(): string | null {
    const role = this.role;
    if (!role) return null;
    const asked: [string, string][] = Object.entries(this.options);
    if (role.scale && this.scale !== null) asked.unshift([role.scale.kind, String(this.scale)]);
    return formatRole({ path: role.id, asked });
  }

  offer(products: Product[]) {
    this.#products = products;
  }

  chooseProduct(id: string) {
    if (id === this.#product) return;
    this.#product = id;
    const roles = this.product?.roles ?? [];
    // The size that fits the default number of people, else the first role.
    this.#role = (this.sizes[0] ?? roles[0])?.id ?? null;
  }

  chooseRole(id: string) {
    this.#role = id;
    this.#nameSetup();
    const range = this.role?.scale;
    // Picking a size moves the slider into it.
    if (range) {
      const now = this.#scale[range.kind] ?? range.default;
      this.#scale[range.kind] = now < range.min || now > range.max ? range.default : now;
    }
  }

  setScale(value: number) {
    const kind = this.role?.scale?.kind ?? this.sizes[0]?.scale?.kind;
    if (!kind) return;
    this.#scale[kind] = value;
    // Moving the slider picks the size; which of its servers this is, stays where it can.
    const fits = this.sizes.find((r) => r.scale && value >= r.scale.min && value <= r.scale.max);
    if (kind !== 'users' || !fits) return;
    const card = this.cards.find((c) => c.roles.includes(fits));
    if (card && !card.roles.some((r) => r.id === this.#role)) {
      this.#role = fits.id;
      this.#nameSetup();
    }
  }

  /** A size of several servers is a setup, called by its product and size until a person calls it something else. */
  #nameSetup() {
    const card = this.card;
    this.setup = card && card.roles.length > 1 ? `${this.product?.title.split(' ')[0] ?? ''}, ${card.title}` : '';
  }

  chooseOption(id: string, value: string) {
    this.#options[id] = value;
  }

  /** Takes over a full id, from a saved server or from the list of what a server could carry. */
  take(full: string): boolean {
    const { path, asked } = parseRole(full);
    const product = this.#products.find((p) => p.roles.some((r) => r.id === path));
    if (!product) return false;
    this.#product = product.id;
    this.#role = path;
    for (const [name, value] of asked) {
      if (name === 'workers' || name === 'users') this.#scale[name] = Number(value);
      else this.#options[name] = value;
    }
    return true;
  }
}
