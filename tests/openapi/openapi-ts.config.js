// How the client is generated. Node wants the names of files in imports.
export default {
  input: process.env.OPENAPI_DOCUMENT,
  output: { path: 'generated', importFileExtension: '.js' },
  plugins: ['@hey-api/client-fetch', '@hey-api/sdk', '@hey-api/typescript'],
};
