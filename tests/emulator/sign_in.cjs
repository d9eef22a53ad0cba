// Signs a person up with Cognito, confirms the address and signs in, by SRP, with the very library that the site ships;
// prints the ID token. node sign_in.cjs LIBRARY '{"endpoint", "pool", "client", "email", "password", "code"}'

globalThis.self = globalThis.window = globalThis;
globalThis.crypto ??= require("node:crypto").webcrypto;
const { AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool } = require(process.argv[2]);
const { endpoint, pool, client, email, password, code } = JSON.parse(process.argv[3]);

const call = (start) =>
  new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))));

(async () => {
  const Pool = new CognitoUserPool({ UserPoolId: pool, ClientId: client, endpoint });
  const user = new CognitoUser({ Username: email, Pool });
  const attributes = [new CognitoUserAttribute({ Name: "email", Value: email })];
  await call((done) => Pool.signUp(email, password, attributes, [], done));
  await call((done) => user.confirmRegistration(code, false, done));
  const details = new AuthenticationDetails({ Username: email, Password: password });
  const session = await call((done) =>
    user.authenticateUser(details, { onSuccess: (value) => done(null, value), onFailure: done }),
  );
  process.stdout.write(session.getIdToken().getJwtToken());
})().catch((error) => {
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = 1;
});
