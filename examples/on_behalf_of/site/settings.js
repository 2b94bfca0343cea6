// What the page is told when it is installed.
export const authority = "https://localhost:8000/demo";
export const page = "a65c583a-5be3-4df3-92ef-0beae285299b";
export const api = "api://535fb089-9ff3-47b6-9bfb-4f1264799865";
