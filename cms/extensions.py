"""The shared Flask extensions, created unbound and attached in `create_app`."""

from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy

from cms.models import Base

# Replies are built after the commit; keeping loaded values spares a second read.
db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})
logins = LoginManager()
