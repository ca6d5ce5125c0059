/** Words around a table: sorting, pages, copying. */
export const en = {
  "sort.ascending": "sorted ascending",
  "sort.descending": "sorted descending",
  copy: "Copy the table",
  copied: "{n} {n|row|rows} copied.",
  "copy.failed": "The browser did not allow copying. Select the rows and copy them by hand.",
  pages: "Pages of the table",
  first: "First page",
  previous: "Previous page",
  next: "Next page",
  last: "Last page",
  page: "Page",
  of: "of {pages}",
  shown: "Rows {first} to {last} of {rows}",
} as const;
