export const handler = async () => 'never reached';
throw new Error('the module is broken');
