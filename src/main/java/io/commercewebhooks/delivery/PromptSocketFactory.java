package io.commercewebhooks.delivery;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import javax.net.SocketFactory;

/**
 * The socket of a connection to the mail server, which sends what is written at once. A mail is a
 * talk of many short lines; holding each back until the last one is acknowledged costs some 40 ms a
 * mail.
 */
class PromptSocketFactory extends SocketFactory {

  private volatile Socket socket;

  /** How long the server may be silent from now on. */
  void allow(int millis) throws SocketException {
    if (socket != null && !socket.isClosed()) {
      socket.setSoTimeout(millis);
    }
  }

  @Override
  public Socket createSocket() throws IOException {
    return prompt(new Socket());
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return prompt(new Socket(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress from, int fromPort)
      throws IOException {
    return prompt(new Socket(host, port, from, fromPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return prompt(new Socket(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort)
      throws IOException {
    return prompt(new Socket(host, port, from, fromPort));
  }

  private Socket prompt(Socket made) throws IOException {
    made.setTcpNoDelay(true);
    socket = made;
    return made;
  }
}
