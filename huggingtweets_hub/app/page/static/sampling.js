// How the next word is drawn. transformers.js leaves out `top_p`, so it is done here, as in Python:
// the `top_k` likeliest tokens, of these the first that make up `top_p`, and one of them by chance.

/** The index of a token, drawn by the settings of a generation_config.json. */
export function draw(logits, settings, random = Math.random) {
  if (settings.do_sample === false) return likeliest(logits, 1)[0];
  const temperature = settings.temperature > 0 ? settings.temperature : 1;
  const kept = likeliest(logits, settings.top_k > 0 ? settings.top_k : 50);
  const highest = logits[kept[0]];
  const weights = kept.map((token) => Math.exp((logits[token] - highest) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const share = settings.top_p > 0 && settings.top_p < 1 ? settings.top_p : 1;
  let nucleus = 0;
  let number = 0;
  while (number < kept.length && nucleus < share * total) nucleus += weights[number++];
  let point = random() * nucleus;
  for (let index = 0; index < number; index++) {
    point -= weights[index];
    if (point < 0) return kept[index];
  }
  return kept[0];
}

/** The indices of the highest values, highest first. */
function likeliest(values, number) {
  const found = [];
  let lowest = -Infinity;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (found.length === number && value <= lowest) continue;
    let place = found.length;
    while (place > 0 && values[found[place - 1]] < value) place--;
    found.splice(place, 0, index);
    if (found.length > number) found.pop();
    lowest = values[found.at(-1)];
  }
  return found;
}
