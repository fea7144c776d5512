// Lists the products that the API returns.
const list = document.querySelector('#products');
const price = new Intl.NumberFormat(document.documentElement.lang, { style: 'currency', currency: 'EUR' });

try {
  const response = await fetch('/api/products');
  if (!response.ok) throw new Error(`the API answered ${response.status}`);
  for (const product of await response.json()) {
    const item = document.createElement('li');
    item.textContent = `${product.name}: ${price.format(product.cents / 100)}`;
    list.append(item);
  }
} catch (error) {
  list.textContent = `Products cannot be shown: ${error.message}`;
}
