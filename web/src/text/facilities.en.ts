export const en = {
  search: "Search facilities",
  hint: "Name, address, supply point number or customer number",
  area: "Area",
  "all areas": "All areas",
  count: "{n} {n|facility|facilities}",
  found: "{n} of {of}",
  "none found": "No facility matches “{text}”.",
  loading: "Loading your facilities …",
  "loading more": "{n} of {of} loaded",
  empty: "There is no facility in your account yet",
  "empty why":
    "As soon as your supply contract is registered, its facility is shown here. If your supply has begun already, please ask your electricity company.",
  "no reading": "no reading yet",
  latest: "{from} to {to}",
  running: "since {from}",
} as const;
