// Turns the site's config.json into an account: signing up, in and out with Cognito, and asking the API as that person.
// Passwords go through SRP, so they never leave the browser. Every failure is a Failure with a message for the reader.

const { AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool } = globalThis.AmazonCognitoIdentity;

// for every other code the message is Cognito's own, like which rule of the pool a password does not follow
const MESSAGES = {
  CodeMismatchException: "This code is not right. Look for the newest mail, or ask for a new code.",
  ExpiredCodeException: "This code is too old or not right. Ask for a new one.",
  LimitExceededException: "Too many attempts. Please wait a few minutes.",
  NetworkError: "The network does not answer. Check your connection and try again.",
  NotAuthorizedException: "E-mail or password is not right.",
  OtherChallenge: "This account needs a step that this page does not offer. Ask whoever made it for you.",
  SignedOut: "Your session has ended. Please sign in again.",
  TooManyRequestsException: "Too many attempts. Please wait a few minutes.",
  UserNotConfirmedException: "Confirm your e-mail first.",
  UserNotFoundException: "E-mail or password is not right.",
  UsernameExistsException: "There is an account with this e-mail already. Sign in instead.",
};

class Failure extends Error {
  constructor(code, message = "") {
    super(MESSAGES[code] ?? (message || "That did not work. Please try again."));
    this.code = code;
  }
}

export async function openAccount(configUrl) {
  const config = await (await fetch(configUrl, { cache: "no-store" })).json();
  const pool = new CognitoUserPool({
    UserPoolId: config.userPoolId,
    ClientId: config.userPoolClientId,
    endpoint: new URL(config.cognitoEndpoint, location.origin).href,
  });
  const account = new Account(pool, config.api);
  await account.resume();
  return account;
}

class Account {
  #pool;
  #api;
  #user = null;
  email = null; // the address this browser is signed in with

  constructor(pool, api) {
    this.#pool = pool;
    this.#api = api;
  }

  // picks up where the last page left; the library keeps its tokens in this site's localStorage
  async resume() {
    const user = this.#pool.getCurrentUser();
    const session = user && (await call((done) => user.getSession(done)).catch(() => null));
    if (session) this.#enter(user, session);
  }

  signUp(email, password) {
    const attributes = [new CognitoUserAttribute({ Name: "email", Value: email })];
    return call((done) => this.#pool.signUp(email, password, attributes, [], done));
  }

  confirm(email, code) {
    return call((done) => this.#named(email).confirmRegistration(code, false, done));
  }

  resend(email) {
    return call((done) => this.#named(email).resendConfirmationCode(done));
  }

  async signIn(email, password) {
    const user = this.#named(email);
    const details = new AuthenticationDetails({ Username: email, Password: password });
    const session = await call((done) => {
      const other = () => done({ code: "OtherChallenge" });
      user.authenticateUser(details, {
        onSuccess: (value) => done(null, value),
        onFailure: done,
        newPasswordRequired: other,
        mfaRequired: other,
        totpRequired: other,
      });
    });
    this.#enter(user, session);
  }

  // has Cognito revoke the tokens, and forgets them here even when Cognito does not answer
  async signOut() {
    const user = this.#user;
    this.#leave();
    await call((done) => user.signOut(done)).catch(() => user.signOut());
  }

  list() {
    return this.#ask("/notes");
  }

  add(text) {
    return this.#ask("/notes", { method: "POST", body: JSON.stringify({ text }) });
  }

  // getSession refreshes the tokens when they are too old
  async #ask(path, init = {}) {
    try {
      const session = await call((done) => this.#user.getSession(done));
      return await request(this.#api + path, session.getIdToken().getJwtToken(), init);
    } catch (failure) {
      if (failure.code !== "NotAuthorizedException") throw failure;
      this.#user.signOut();
      this.#leave();
      throw new Failure("SignedOut");
    }
  }

  #named(email) {
    return new CognitoUser({ Username: email, Pool: this.#pool });
  }

  #enter(user, session) {
    this.#user = user;
    this.email = session.getIdToken().payload.email;
  }

  #leave() {
    this.#user = null;
    this.email = null;
  }
}

async function request(url, token, init) {
  const headers = { Authorization: token, "Content-Type": "application/json" };
  const answer = await fetch(url, { ...init, headers }).catch(() => null);
  if (answer === null) throw new Failure("NetworkError");
  const body = await answer.json().catch(() => null);
  if (answer.status === 401) throw new Failure("NotAuthorizedException");
  if (!answer.ok || body === null) throw new Failure(`Http${answer.status}`, answer.status === 400 ? body?.message : "");
  return body;
}

// the library's callbacks, callback(error, value), as a promise
function call(start) {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(new Failure(error.code ?? error.name, error.message)) : resolve(value)));
  });
}
