import { beforeEach, describe, expect, it } from 'vitest';
import { products } from '../ipc/recorded/roles';
import { Choice } from './choice.svelte';

let choice: Choice;
beforeEach(() => {
  choice = new Choice();
  choice.offer(products);
});

describe('a role that grows with workers', () => {
  it('has its figure in its id', () => {
    choice.chooseProduct('dusk');
    choice.chooseRole('dusk/prover');
    choice.setScale(12);
    expect(choice.id).toBe('dusk/prover?workers=12');
    choice.chooseRole('dusk/archiver');
    expect(choice.id).toBe('dusk/archiver');
    choice.chooseRole('dusk/prover');
    expect(choice.id).toBe('dusk/prover?workers=12');
  });
});

describe('a size by people', () => {
  beforeEach(() => choice.chooseProduct('reforms'));

  it('is picked by the slider', () => {
    expect(choice.role?.id).toBe('reforms/small');
    choice.setScale(300);
    expect(choice.role?.id).toBe('reforms/medium-app');
    choice.setScale(900);
    expect(choice.role?.id).toBe('reforms/large-app');
  });

  it('takes the smaller size up to and including its end', () => {
    choice.setScale(50);
    expect(choice.role?.id).toBe('reforms/small');
    choice.setScale(500);
    expect(choice.role?.id).toBe('reforms/medium-app');
  });

  it('moves the slider into it', () => {
    choice.chooseRole('reforms/large-app');
    expect(choice.scale).toBe(1000);
    choice.chooseRole('reforms/small');
    expect(choice.scale).toBe(24);
  });

  it('is one card with a server each, and keeps the server while the slider stays in the size', () => {
    expect(choice.cards.map((c) => [c.title, c.roles.length])).toEqual([
      ['Small team', 1],
      ['Medium', 2],
      ['Large', 3],
      ['Minimum', 1],
      ['Recommended production', 1],
    ]);
    choice.chooseRole('reforms/large-db');
    choice.setScale(2000);
    expect(choice.role?.id).toBe('reforms/large-db');
    choice.setScale(40);
    expect(choice.role?.id).toBe('reforms/small');
  });

  it('has its options in its id', () => {
    choice.chooseOption('database', 'mongodb');
    expect(choice.id).toBe('reforms/small?users=24&database=mongodb&signaling_port=8443');
  });
});

describe('a saved role', () => {
  it('is taken over whole', () => {
    expect(choice.take('reforms/small?users=30&database=mongodb&signaling_port=9443')).toBe(true);
    expect(choice.id).toBe('reforms/small?users=30&database=mongodb&signaling_port=9443');
  });

  it('is refused when no product knows it', () => {
    expect(choice.take('gone/role')).toBe(false);
    expect(choice.id).toBe(null);
  });
});
