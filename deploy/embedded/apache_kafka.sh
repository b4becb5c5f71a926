#!/usr/bin/env bash
# One Apache Kafka node (KRaft, broker and controller) from Maven Central's jars: no Docker, no download page.
#   apache_kafka.sh install DIR        the jars, into DIR/libs (needs java 17 and mvn; nothing when they are there)
#   apache_kafka.sh start   DIR PORT   in the background; returns when the broker answers; the controller takes PORT+1
#   apache_kafka.sh stop    DIR        SIGTERM, after 20 s SIGKILL
#   apache_kafka.sh kill    DIR        SIGKILL, to see what a crash does
# KAFKA_VERSION (4.3.1), KAFKA_XMX (256m), KAFKA_LIBS (a folder of jars to use instead of DIR/libs)
# KAFKA_PROXIED=LISTENS:PROXY: it also listens on port LISTENS, and tells whoever comes there to go on through a proxy on port PROXY
set -euo pipefail

KAFKA_VERSION=${KAFKA_VERSION:-4.3.1}
LOG4J_VERSION=${LOG4J_VERSION:-2.25.4}
COPY_JARS=org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies

fail() { echo "apache_kafka.sh: $*" >&2; exit 1; }
alive() { [ -f "$1/pid" ] && kill -0 "$(cat "$1/pid")" 2>/dev/null; }

install() {
  local dir=$1
  [ -f "$dir/libs/.complete-$KAFKA_VERSION" ] && return
  mkdir -p "$dir/libs"
  cat > "$dir/pom.xml" <<POM
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>careloop</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$KAFKA_VERSION</version>
      <exclusions><exclusion><groupId>org.apache.kafka</groupId><artifactId>kafka-tools-api</artifactId></exclusion></exclusions>
    </dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>$LOG4J_VERSION</version></dependency>
  </dependencies>
</project>
POM
  mvn -B -q -f "$dir/pom.xml" "$COPY_JARS" -DincludeScope=runtime -DoutputDirectory="$dir/libs"
  touch "$dir/libs/.complete-$KAFKA_VERSION"
}

configure() {
  local dir=$1 port=$2 proxied=${KAFKA_PROXIED:-}
  cat > "$dir/log4j2.properties" <<LOG
status = error
appender.file.type = Console
appender.file.name = C
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %m (%c)%n
rootLogger.level = WARN
rootLogger.appenderRef.file.ref = C
LOG
  cat > "$dir/server.properties" <<NODE
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((port + 1))
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))${proxied:+,PROXIED://127.0.0.1:${proxied%:*}}
advertised.listeners=PLAINTEXT://127.0.0.1:$port${proxied:+,PROXIED://127.0.0.1:${proxied#*:}}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs=$dir/data
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
NODE
}

# A Metadata request (version 0) by hand: how many brokers the node knows. A node that is still fenced knows none.
brokers() {
  ( exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
    printf '\x00\x00\x00\x0e\x00\x03\x00\x00\x00\x00\x00\x01\xff\xff\x00\x00\x00\x00' >&3
    timeout 2 head -c 12 <&3 | od -An -tu1 | awk '{print $12}' ) 2>/dev/null || true
}

start() {
  local dir=$1 port=$2 libs=${KAFKA_LIBS:-$1/libs}
  alive "$dir" && fail "already running in $dir with process id $(cat "$dir/pid")"
  [ -d "$libs" ] || fail "no jars in $libs: run '$0 install $dir' first"
  configure "$dir" "$port"
  local java=(java -cp "$libs/*" "-Dlog4j2.configurationFile=$dir/log4j2.properties" -XX:+UseSerialGC)
  if [ ! -f "$dir/data/meta.properties" ]; then
    "${java[@]}" -Xmx128m -XX:TieredStopAtLevel=1 kafka.tools.StorageTool format --cluster-id "CareloopEmbeddedNode11" -c "$dir/server.properties" > "$dir/format.log" 2>&1 \
      || { cat "$dir/format.log" >&2; fail "the data folder could not be formatted"; }
  fi
  setsid "${java[@]}" "-Xmx${KAFKA_XMX:-256m}" -XX:+ExitOnOutOfMemoryError kafka.Kafka "$dir/server.properties" >> "$dir/kafka.log" 2>&1 < /dev/null &
  echo $! > "$dir/pid"
  for _ in $(seq 600); do
    alive "$dir" || { tail -n 20 "$dir/kafka.log" >&2; fail "the broker ended while starting"; }
    [ "$(brokers "$port")" = 1 ] && return
    sleep 0.1
  done
  fail "no answer on port $port within 60 s; see $dir/kafka.log"
}

stop() {
  local dir=$1 signal=$2
  alive "$dir" || return 0
  kill "-$signal" "$(cat "$dir/pid")"
  for _ in $(seq 200); do alive "$dir" || break; sleep 0.1; done
  alive "$dir" && kill -KILL "$(cat "$dir/pid")"
  rm -f "$dir/pid"
}

[ $# -ge 2 ] || { sed -n '2,8s/^# //p' "$0"; exit 2; }
mkdir -p "$2"
DIR=$(cd "$2" && pwd)
case $1 in
  install) install "$DIR" ;;
  start) start "$DIR" "$3" ;;
  stop) stop "$DIR" TERM ;;
  kill) stop "$DIR" KILL ;;
  *) fail "expected install, start, stop or kill, got $1" ;;
esac
