import { type ProductId, products } from '../shared/products.ts';
import type { Product } from '../shared/services.ts';

/** Keyed by every id there is: a product without a price does not compile. */
const details: Record<ProductId, Pick<Product, 'price' | 'description'>> = {
  1: {
    price: 89.9,
    description: 'Room-filling sound from a box of solid alder, twelve hours on a charge.',
  },
  2: { price: 249, description: 'Closed headphones that keep an open-plan office outside.' },
  3: {
    price: 119.5,
    description: 'Earbuds the size of a pebble, with a case that charges them four times.',
  },
  4: {
    price: 329,
    description: 'Belt-driven turntable with a built-in phono stage and a felt mat.',
  },
  5: {
    price: 159,
    description: 'Hot-swappable switches in a walnut frame, tuned for quiet typing.',
  },
  6: { price: 64.9, description: 'A mouse held like a handshake, easy on the wrist all day long.' },
  7: { price: 379, description: 'Matte 1440p panel, one cable for picture, power and network.' },
  8: {
    price: 54.5,
    description: 'Dimmable lamp from candle-warm to daylight, with no visible flicker.',
  },
  9: {
    price: 74,
    description: 'Gooseneck kettle with a thermometer in the lid for a steady pour.',
  },
  10: {
    price: 139,
    description: 'Conical steel burrs and forty steps from espresso to French press.',
  },
  11: {
    price: 59.9,
    description: 'Seasoned 26 cm pan for hob, oven and campfire; it outlives its owner.',
  },
  12: { price: 98, description: 'Forged carbon steel, thin behind the edge, with an ash handle.' },
  13: {
    price: 174.9,
    description: 'Roll-top pack with a frame that carries fifteen kilograms gladly.',
  },
  14: {
    price: 289,
    description: 'Two people, two kilograms, and up in three minutes in the rain.',
  },
  15: {
    price: 49.9,
    description: 'Folding gas stove that boils half a litre in under three minutes.',
  },
  16: {
    price: 32,
    description: 'Double-walled steel bottle: cold for a day, hot until the evening.',
  },
  17: {
    price: 899,
    description: 'Eight gears in the hub, lights from the dynamo and a belt that needs no oil.',
  },
  18: {
    price: 45.9,
    description: 'Front and rear light, charged over USB-C, bright enough for forest roads.',
  },
  19: { price: 79, description: 'Hardened steel links that fold to the size of a water bottle.' },
  20: {
    price: 69.9,
    description: 'Light helmet with eighteen vents and a dial that fits with gloves on.',
  },
  21: { price: 459, description: 'Wide armrests for books and cups, washable linen covers.' },
  22: { price: 84.5, description: 'Oiled oak, 90 cm wide, hung on two invisible brackets.' },
  23: { price: 109, description: 'Woven from fine merino wool, warm without being heavy.' },
  24: {
    price: 38.9,
    description: 'Three unglazed pots with saucers, for herbs that like dry feet.',
  },
};

const catalog = new Map<string, Product>(
  products.map(({ id, name }) => {
    const { price, description } = details[id];
    return [id, { id, name, price, currency: 'EUR', description }];
  }),
);

export const findProduct = (id: string): Product | undefined => catalog.get(id);
