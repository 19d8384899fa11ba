import { price as cost } from './price'

export class Cart {
  add(item) {
    return cost(item)
  }
}

export const total = (cart) => cart.sum
