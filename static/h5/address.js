// Province, city, district: each list follows the one before, without a new page. Without this the buttons do it.
"use strict";

document.querySelectorAll("[data-address]").forEach((form) => {
  const [province, city, district] = ["province", "city", "district"].map((name) => form.elements[name]);
  const asked = [city, district].map((list) => list.options[0].text);
  const loaded = new Map();
  let cities = [];

  // Kept by the browser for ever: the address changes when the data do.
  const load = async (code) => {
    if (!code) return [];
    if (!loaded.has(code)) {
      const answer = await fetch(form.dataset.regions.replace("000000", code));
      if (!answer.ok) throw new Error(answer.statusText);
      loaded.set(code, await answer.json());
    }
    return loaded.get(code);
  };

  const fill = (list, ask, areas) => {
    const only = areas.length === 1;
    list.replaceChildren(new Option(ask, ""), ...areas.map(([code, name]) => new Option(name, code, only, only)));
  };

  const showDistricts = () => {
    const [, , districts = []] = cities.find(([code]) => code === city.value) ?? [];
    fill(district, asked[1], districts);
    district.closest(".field").hidden = Boolean(city.value) && !districts.length;
  };

  const showCities = async () => {
    try {
      cities = await load(province.value);
    } catch {
      buttons.forEach((button) => { button.hidden = false; });
      return;
    }
    fill(city, asked[0], cities);
    showDistricts();
  };

  const buttons = form.querySelectorAll("[data-step]");
  buttons.forEach((button) => { button.hidden = true; });
  province.addEventListener("change", showCities);
  city.addEventListener("change", showDistricts);
  // What the page brought is already chosen; only the lists behind it are wanted.
  load(province.value).then((told) => {
    cities = told;
    if (city.value && district.options.length < 2) showDistricts();
  }, () => {});
});
