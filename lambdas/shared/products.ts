/** What every service of the shop knows about its products. Price and description belong to the product service. */
export const products = [
  { id: '1', name: 'Alder Bluetooth Speaker', category: 'audio' },
  { id: '2', name: 'Quiet One Headphones', category: 'audio' },
  { id: '3', name: 'Pebble Wireless Earbuds', category: 'audio' },
  { id: '4', name: 'Northfield Turntable', category: 'audio' },
  { id: '5', name: 'Walnut Mechanical Keyboard', category: 'desk' },
  { id: '6', name: 'Glide Vertical Mouse', category: 'desk' },
  { id: '7', name: 'Meridian 27-inch Monitor', category: 'desk' },
  { id: '8', name: 'Halo LED Desk Lamp', category: 'desk' },
  { id: '9', name: 'Copper Pour-Over Kettle', category: 'kitchen' },
  { id: '10', name: 'Stonemill Coffee Grinder', category: 'kitchen' },
  { id: '11', name: 'Harbour Cast-Iron Pan', category: 'kitchen' },
  { id: '12', name: "Edge 20 cm Chef's Knife", category: 'kitchen' },
  { id: '13', name: 'Ridgeline 40 l Backpack', category: 'outdoor' },
  { id: '14', name: 'Two-Night Trekking Tent', category: 'outdoor' },
  { id: '15', name: 'Ember Camping Stove', category: 'outdoor' },
  { id: '16', name: 'Polar Steel Bottle', category: 'outdoor' },
  { id: '17', name: 'Sparrow City Bike', category: 'cycling' },
  { id: '18', name: 'Beacon Bike Light Set', category: 'cycling' },
  { id: '19', name: 'Anchor Folding Lock', category: 'cycling' },
  { id: '20', name: 'Breeze Bike Helmet', category: 'cycling' },
  { id: '21', name: 'Linen Reading Chair', category: 'living' },
  { id: '22', name: 'Oak Wall Shelf', category: 'living' },
  { id: '23', name: 'Merino Throw Blanket', category: 'living' },
  { id: '24', name: 'Terracotta Planter Trio', category: 'living' },
] as const;

export type ProductId = (typeof products)[number]['id'];
